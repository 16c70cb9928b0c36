// Reading members of a payload or a stored document by the type they should have. The schema was checked before; what
// still is of another type counts as absent.
import type { Json } from '../../base/ports.ts'

export type JsonObject = { readonly [key: string]: Json }

export const textOf = (value: Json | undefined): string | undefined => (typeof value === 'string' ? value : undefined)

export const integerOf = (value: Json | undefined): number | undefined => (Number.isSafeInteger(value) ? (value as number) : undefined)

export const objectOf = (value: Json | undefined): JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : {}

export const objectsOf = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.map(objectOf) : [])

/** A document as the store takes it; members that are undefined are left out when it is written. */
export const documentOf = (document: object): Json => document as Json

/** A document of our own, as the store gives it back. */
export const storedAs = <T extends object>(value: Json): T => value as T

/** Part of a store key that keeps `/` free as the separator, whatever a station calls its things. */
export const keyPart = (text: string): string => (/^[\w.:@=-]+$/.test(text) ? text : encodeURIComponent(text.toWellFormed()))

/** Milliseconds since 1970 as text that sorts by time. */
export const timeKey = (at: number): string => String(at).padStart(14, '0')
