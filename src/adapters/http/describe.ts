// How a route describes itself in the OpenAPI document.
import { type TSchema, Type } from '@sinclair/typebox'
import { Problem } from './views.ts'

/** What a route says of itself: a sentence, its 200 answer, and by which other statuses it may refuse. */
export const about = (summary: string, answer: TSchema, refusals: readonly number[] = []) => ({
  summary,
  response: { 200: answer, ...Object.fromEntries(refusals.map((status) => [status, Problem])) },
})

/** An answer that is no JSON. */
export const text = (description: string, type: string, each = {}) => ({ description, content: { [type]: { schema: Type.String(each) } } })
