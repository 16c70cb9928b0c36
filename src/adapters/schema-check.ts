// Checks of values against schemas, for files, documents and requests. Each is made when the first value is held against it: a node has dozens, and
// meets few of them. The messages of stations have checks of their own (src/ocpp/validate.ts).
import { Ajv, type ErrorObject, type Options } from 'ajv'

/** Whether a value fits a schema; why the last one did not. */
export interface Check<T> {
  (value: unknown): value is T
  errors?: ErrorObject[] | null
}

/** @param options of ajv; by default it ends with the first error, and is strict about schemas */
export const checkOf = <T>(schema: object, options: Options = {}): Check<T> => {
  let made: Check<T> | undefined
  const check: Check<T> = (value): value is T => {
    // the optimiser takes twice as long as everything else here, and saves what V8 saves anyway
    made ??= new Ajv({ ...options, code: { optimize: false } }).compile<T>(schema)
    const fits = made(value)
    check.errors = made.errors ?? null
    return fits
  }
  return check
}
