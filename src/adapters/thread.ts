// Threads that run a module of ours. What they do and are told is theirs.
import { Worker, type WorkerOptions } from 'node:worker_threads'

/** @param module what runs in the thread, which finds `options.workerData` as any worker does */
export const threadOf = (module: URL, options: Pick<WorkerOptions, 'workerData' | 'resourceLimits'>): Worker =>
  new Worker(new URL('./thread.mjs', import.meta.url), { ...options, argv: [module.href] })
