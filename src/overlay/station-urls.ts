// Addresses that a station is told to fetch from, send to or connect to: where they stand in OCPP, and whether one may be
// passed on. A station's own parser is not known, so an address is refused as soon as two parsers could differ about it.
import { pointerAll } from '../base/json-pointer.ts'
import type { Json } from '../base/ports.ts'
import { isEncrypted, UNREADABLE } from './encrypted.ts'

/** What is allowed. Nothing is, unless it is listed. */
export interface UrlSettings {
  readonly schemes?: readonly string[]
  /** In lower case; `*.example.com` is every name below example.com, and not example.com. */
  readonly hosts?: readonly string[]
  /** The scheme's own port unless given. */
  readonly ports?: readonly number[]
  /** Whether `user:password@` may stand in an address. */
  readonly credentials?: boolean
  readonly dryRun?: boolean
}

/** `url`: must be an address. `host`: a bare host name. `maybe`: any text, judged where it looks like an address. */
type Kind = 'url' | 'host' | 'maybe'
interface UrlPlace {
  readonly action: string
  readonly pointer: string
  readonly kind: Kind
}

/** Every place, whichever version has it: a message is not judged by the version that its sender claims. */
export const STATION_URLS = [
  { action: 'UpdateFirmware', pointer: '/location', kind: 'url' }, // 1.6 §6.19
  { action: 'UpdateFirmware', pointer: '/firmware/location', kind: 'url' }, // 2.x L01
  { action: 'SignedUpdateFirmware', pointer: '/firmware/location', kind: 'url' }, // 1.6 security whitepaper §5.20
  { action: 'PublishFirmware', pointer: '/location', kind: 'url' }, // 2.x L03
  { action: 'GetDiagnostics', pointer: '/location', kind: 'url' }, // 1.6 §6.25
  { action: 'GetLog', pointer: '/log/remoteLocation', kind: 'url' }, // 2.x N01, 1.6 security whitepaper §5.9
  { action: 'SetNetworkProfile', pointer: '/connectionData/ocppCsmsUrl', kind: 'url' }, // 2.x B09
  { action: 'SetNetworkProfile', pointer: '/connectionData/vpn/server', kind: 'host' },
  // configuration keys and variables hold addresses too: the back end's, a payment page's, a vendor's own
  { action: 'ChangeConfiguration', pointer: '/value', kind: 'maybe' },
  { action: 'SetVariables', pointer: '/setVariableData/*/attributeValue', kind: 'maybe' },
  // a text of the format URI is fetched by the display (2.x O01)
  { action: 'SetDisplayMessage', pointer: '/message/message/content', kind: 'maybe' },
  { action: 'SetDisplayMessage', pointer: '/message/messageExtra/*/content', kind: 'maybe' },
] as const satisfies readonly UrlPlace[]

const PLACES: ReadonlyMap<string, readonly UrlPlace[]> = Map.groupBy<string, UrlPlace>(STATION_URLS, ({ action }) => action)

/** Why the addresses in a payload may not be passed on, in words that hold nothing of them, or nothing. */
export const forbiddenUrl = (action: string, payload: Json, allowed: UrlSettings): string | undefined => {
  if (PLACES.has(action) && isEncrypted(payload)) return UNREADABLE
  for (const { pointer, kind } of PLACES.get(action) ?? []) {
    for (const value of pointerAll(payload, pointer)) {
      const flaw = typeof value === 'string' ? JUDGES[kind](value, allowed) : 'is no text'
      if (flaw !== undefined) return `${pointer} ${flaw}`
    }
  }
  return undefined
}

/** Why an address may not be passed on, or nothing. */
export const urlFlaw = (text: string, allowed: UrlSettings): string | undefined => {
  const parts = ADDRESS.exec(text)?.groups
  if (!parts) return 'is no plain address of scheme, host, port, path and query'
  const { scheme = '', user, host = '', port, rest = '' } = parts
  const lower = scheme.toLowerCase()
  if (!allowed.schemes?.includes(lower)) return 'has a scheme that is not listed'
  if (user !== undefined && !allowed.credentials) return 'holds a user name'
  if (escapesToShell(rest) || escapesToShell(user ?? '')) return 'holds characters that a shell obeys, escaped'
  if (!agrees(text, { host, port })) return 'is read differently by different parsers'
  const number = port === undefined ? undefined : Number(port)
  if (!portAllowed(lower, number, allowed.ports)) return 'has a port that is not listed'
  return hostFlaw(host, allowed)
}

const hostFlaw = (host: string, { hosts = [] }: UrlSettings): string | undefined => {
  const lower = host.toLowerCase()
  if (!isPlainHost(lower)) return 'has a host in an odd form'
  const listed = hosts.some((entry) =>
    entry.startsWith('*.') ? lower.endsWith(entry.slice(1)) && lower.length > entry.length - 1 : lower === entry,
  )
  return listed ? undefined : 'has a host that is not listed'
}

const JUDGES = {
  url: urlFlaw,
  host: hostFlaw,
  maybe: (text, allowed) => (LOOKS_LIKE_ADDRESS.test(text) ? urlFlaw(text, allowed) : undefined),
} as const satisfies Record<Kind, (text: string, allowed: UrlSettings) => string | undefined>

/**
 * RFC 3986, without what shells and log lines obey: blanks, quotes, `\ ` $ ; | < > ( ) { } ^ * !`, a fragment. `&` stands between `name=value`
 * only, so that what follows it is no command. Whoever hands an address to a shell unquoted is not protected by less (CVE-2026-8986).
 */
const ADDRESS =
  /^(?<scheme>[A-Za-z][A-Za-z0-9+.-]*):\/\/(?:(?<user>[A-Za-z0-9._~%-]+(?::[A-Za-z0-9._~%+-]*)?)@)?(?<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::(?<port>[1-9]\d{0,4}))?(?<rest>(?:\/[A-Za-z0-9._~%+:@,=/-]*)?(?:\?[A-Za-z0-9._~-]+=[A-Za-z0-9._~%+:@,=/-]*(?:&[A-Za-z0-9._~-]+=[A-Za-z0-9._~%+:@,=/-]*)*)?)$/

/** Also what a careless parser would take for one. */
const LOOKS_LIKE_ADDRESS = /^[\s\p{C}]*[A-Za-z][A-Za-z0-9+.\s-]*:[\s\p{C}]*[/\\]|^[\s\p{C}]*[/\\]{2}/u

/** Escapes that decode, at once or twice, to a control character, a quote or what a shell obeys; and those that are none. */
const escapesToShell = (text: string): boolean =>
  /%(?![0-9A-Fa-f]{2})|%(?:25|[01][0-9A-Fa-f]|7F|2[0124678A9]|3[BCE]|5[CE]|60|7[BCD])/i.test(text)

/** A host name of letters, digits and inner hyphens, without an empty label; or an IP address as everybody writes it. */
const isPlainHost = (host: string): boolean => {
  if (host.startsWith('[')) return true // `agrees` has seen its one canonical form
  const labels = host.split('.')
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) as string))
    return labels.length === 4 && labels.every((label) => /^(?:0|[1-9]\d{0,2})$/.test(label) && Number(label) <= 255)
  return host.length <= 253 && labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
}

/** Whether the parser of browsers reads the same host and port. */
const agrees = (text: string, { host, port }: { host: string; port: string | undefined }): boolean => {
  try {
    const url = new URL(text)
    const samePort = url.port === (port ?? '') || (url.port === '' && Number(port) === DEFAULT_PORTS[url.protocol.slice(0, -1)])
    return url.hostname.toLowerCase() === host.toLowerCase() && samePort
  } catch {
    // what is no URL is not read the same by anybody
    return false
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443, ftp: 21, ftps: 990, sftp: 22, tftp: 69 }

const portAllowed = (scheme: string, port: number | undefined, listed: readonly number[] | undefined): boolean => {
  const meant = port ?? DEFAULT_PORTS[scheme]
  if (listed) return meant !== undefined && listed.includes(meant)
  return port === undefined || port === DEFAULT_PORTS[scheme]
}
