// The tokens that may charge and what the back end says of one, in the words of 1.6 and of 2.x. Which tokens there are is a setting.
import type { Json } from '../../base/ports.ts'
import { type JsonObject, objectOf, textOf } from './fields.ts'
import { readMoment } from './time.ts'

/** AuthorizationStatusEnumType of OCPP 2.x; 1.6 has the first five only. */
export type TokenStatus =
  | 'Accepted'
  | 'Blocked'
  | 'Expired'
  | 'Invalid'
  | 'ConcurrentTx'
  | 'NoCredit'
  | 'NotAllowedTypeEVSE'
  | 'NotAtThisLocation'
  | 'NotAtThisTime'
  | 'Unknown'

export interface Token {
  readonly status: TokenStatus
  /** parentIdTag, groupIdToken: tokens of one group may stop each other's transactions. */
  readonly group?: string
  /** RFC 3339; from then on the token is Expired. */
  readonly expires?: string
}

export type TokenSetting = TokenStatus | Token
export type TokenTable = ReadonlyMap<string, Token>

/** The settings' tokens in a table that no name of an identifier can trick (`__proto__`), by upper case. */
export const tokenTable = (tokens: Readonly<Record<string, TokenSetting>>): TokenTable =>
  new Map(Object.entries(tokens).map(([id, token]) => [id.toUpperCase(), typeof token === 'string' ? { status: token } : token]))

/** OCPP 1.6 §7.27 IdTagInfo. @param at milliseconds since 1970 */
export const idTagInfo = (tokens: TokenTable, idTag: Json | undefined, at: number): JsonObject => {
  const { status, group, expires } = judge(tokens, textOf(idTag) ?? '', at)
  return {
    status: IN_1_6.includes(status) ? status : 'Invalid',
    ...(expires !== undefined && { expiryDate: expires }),
    ...(group !== undefined && { parentIdTag: group }),
  }
}

/** OCPP 2.x IdTokenInfoType. @param at milliseconds since 1970 */
export const idTokenInfo = (tokens: TokenTable, idToken: Json | undefined, at: number): JsonObject => {
  const { idToken: id, type } = objectOf(idToken)
  // C02: the station has no reader, whoever is there may charge
  if (type === 'NoAuthorization') return { status: 'Accepted' }
  const { status, group, expires } = judge(tokens, textOf(id) ?? '', at)
  return {
    status,
    ...(expires !== undefined && { cacheExpiryDateTime: expires }),
    ...(group !== undefined && { groupIdToken: { idToken: group, type: 'Central' } }),
  }
}

const IN_1_6: readonly TokenStatus[] = ['Accepted', 'Blocked', 'Expired', 'Invalid', 'ConcurrentTx']

const judge = (tokens: TokenTable, id: string, at: number): Token => {
  const token = tokens.get(id.toUpperCase())
  if (token === undefined) return { status: 'Invalid' }
  const hasExpired = token.expires !== undefined && token.status === 'Accepted' && readMoment(token.expires, at).at <= at
  return hasExpired ? { ...token, status: 'Expired' } : token
}
