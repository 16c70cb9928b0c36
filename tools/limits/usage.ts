// Loaded into a process that is measured (`node --import`): writes what it has cost to file descriptor 3 when it ends.
import { writeSync } from 'node:fs'

process.on('exit', () => void writeSync(3, JSON.stringify(process.resourceUsage())))
