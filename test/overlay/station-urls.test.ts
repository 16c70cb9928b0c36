// Addresses that a station would follow: what is listed passes, every trick does not, and no place in the schemas is forgotten.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { schemasOf } from '../../src/ocpp/schemas.ts'
import { VERSIONS } from '../../src/ocpp/version.ts'
import { forbiddenUrl, STATION_URLS, type UrlSettings, urlFlaw } from '../../src/overlay/station-urls.ts'

const LISTED: UrlSettings = { schemes: ['https', 'sftp', 'wss'], hosts: ['good.example', '*.cdn.example', '192.0.2.7', '[2001:db8::1]'] }

describe('an address', () => {
  it.each([
    'https://good.example/fw/1.2.3/station%2B1.bin',
    'HTTPS://GOOD.example/',
    'https://good.example',
    'https://good.example:443/a',
    'https://a.cdn.example/a',
    'https://a.b.cdn.example/a',
    'https://192.0.2.7/a',
    'https://[2001:db8::1]/a',
    'sftp://good.example:22/up/',
    'wss://good.example/ocpp',
    'https://good.example/b?X-Amz-Credential=AK%2F1&X-Amz-Date=20260101T000000Z&sig=a%3D',
  ])('%s passes', (url) => expect(urlFlaw(url, LISTED)).toBeUndefined())

  it.each([
    // not listed
    ['scheme', 'http://good.example/'],
    ['scheme', 'file://good.example/etc/passwd'],
    ['scheme', 'ftp://good.example/'],
    ['host', 'https://evil.example/'],
    ['host', 'https://cdn.example/'],
    ['host', 'https://evilcdn.example/'],
    ['host', 'https://good.example.evil.example/'],
    ['host', 'https://xn--gd-jia.example/'],
    ['port', 'https://good.example:8443/'],
    ['port', 'https://good.example:80/'],
    // another host for another parser
    ['user', 'https://good.example@evil.example/'],
    ['user', 'https://user:password@good.example/'],
    ['plain', 'https://good.example\\@evil.example/'],
    ['plain', 'https://evil.example\\.good.example/'],
    ['plain', 'https:\\\\good.example/'],
    ['plain', 'https:/\\/good.example/'],
    ['plain', 'https:/good.example/'],
    ['plain', 'https:good.example'],
    ['plain', '//good.example/'],
    ['plain', 'https:///good.example/'],
    ['plain', 'https://good.example#@evil.example/'],
    ['plain', 'https://good.example?@evil.example/'],
    ['plain', 'https://go\u00f6d.example/'],
    ['plain', 'https://good\uff0eexample/'],
    ['plain', 'https://good.example\u2024evil.example/'],
    ['plain', ' https://good.example/'],
    ['plain', 'https://good.example/\n'],
    ['plain', 'https://good.example/\thttps://evil.example/'],
    ['plain', 'https://good.example%00.evil.example/'],
    ['plain', 'https://good%2eexample/'],
    ['differently', 'https://good.example:99999/'],
    ['host in an odd form', 'https://good.example./'],
    ['host in an odd form', 'https://good..example/'],
    ['host in an odd form', 'https://-good.example/'],
    // one address in many spellings
    ['differently', 'https://3221225991/'],
    ['differently', 'https://0xc0000207/'],
    ['differently', 'https://0300.0.2.7/'],
    ['differently', 'https://192.0.519/'],
    ['differently', 'https://192.0.2.07/'],
    ['differently', 'https://[2001:db8:0::1]/'],
    ['odd form', 'sftp://3221225991/'],
    ['odd form', 'sftp://0xc0000207/'],
    ['odd form', 'sftp://192.0.2.07/'],
    ['host', 'https://127.0.0.1/'],
    ['host', 'https://[::1]/'],
    // commands for a shell (CVE-2026-8986)
    ...[
      ';reboot',
      '|reboot',
      '`reboot`',
      '$(reboot)',
      '&reboot',
      '?a=b&reboot',
      "'x",
      '"x',
      '<x',
      '>x',
      ' x',
      '{a,b}',
      '*',
      '!x',
      '^x',
      '\\x',
    ].map((tail): [string, string] => ['plain', `https://good.example/${tail}`]),
    ...['%3Breboot', '%7Cx', '%60x', '%24%28x', '%0Ax', '%0d%0aX', '%00', '%20-o', '%27', '%22', '%253B', '%26x', '%zz', '%2'].map(
      (tail): [string, string] => ['escaped', `https://good.example/a${tail}`],
    ),
    ['plain', ''],
    ['plain', 'reboot'],
  ])('is refused for its %s: %s', (reason, url) => expect(urlFlaw(url, LISTED)).toContain(reason))

  it('may have a user name or another port where that is said', () => {
    expect(urlFlaw('https://u:p@good.example/', { ...LISTED, credentials: true })).toBeUndefined()
    expect(urlFlaw('https://u:p%3b@good.example/', { ...LISTED, credentials: true })).toContain('escaped')
    expect(urlFlaw('https://good.example@evil.example/', { ...LISTED, credentials: true })).toContain('host')
    expect(urlFlaw('https://good.example:8443/', { ...LISTED, ports: [8443] })).toBeUndefined()
    expect(urlFlaw('https://good.example/', { ...LISTED, ports: [8443] })).toContain('port')
  })

  it('never passes when nothing is listed, and only for listed hosts whatever is put together', () => {
    expect(urlFlaw('https://good.example/', {})).toContain('scheme')
    expect(urlFlaw('https://good.example/', { schemes: ['https'] })).toContain('host')
    const piece = fc.constantFrom(
      'https',
      '://',
      ':',
      '/',
      '\\',
      '@',
      'good.example',
      'evil.example',
      '.',
      '%',
      '#',
      '?',
      '&',
      ';',
      '[',
      ']',
      '80',
      '=',
      '',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const url = pieces.join('')
        if (urlFlaw(url, LISTED) === undefined) expect(new URL(url).hostname).toBe('good.example')
      }),
      { numRuns: 3000 },
    )
  })
})

describe('a message', () => {
  const bad = 'https://evil.example/'
  it.each<[string, (text: string) => object]>([
    ['UpdateFirmware', (location) => ({ location })],
    ['UpdateFirmware', (location) => ({ firmware: { location } })],
    ['SignedUpdateFirmware', (location) => ({ firmware: { location } })],
    ['PublishFirmware', (location) => ({ location })],
    ['GetDiagnostics', (location) => ({ location })],
    ['GetLog', (remoteLocation) => ({ log: { remoteLocation } })],
    ['SetNetworkProfile', (ocppCsmsUrl) => ({ connectionData: { ocppCsmsUrl } })],
    ['ChangeConfiguration', (value) => ({ key: 'x', value })],
    ['SetVariables', (attributeValue) => ({ setVariableData: [{ attributeValue: '7' }, { attributeValue }] })],
    ['SetDisplayMessage', (content) => ({ message: { message: { format: 'URI', content } } })],
    ['SetDisplayMessage', (content) => ({ message: { messageExtra: [{ content }] } })],
  ])('%s is judged by its addresses', (action, payload) => {
    expect(forbiddenUrl(action, payload('https://good.example/') as never, LISTED)).toBeUndefined()
    const flaw = forbiddenUrl(action, payload(bad) as never, LISTED)
    expect(flaw).toMatch(/^\/.* has a host that is not listed$/)
    expect(flaw).not.toContain('evil')
    expect(forbiddenUrl('Reset', payload(bad) as never, LISTED)).toBeUndefined()
  })

  it('is judged for a value only where that looks like an address, to whatever parser', () => {
    const of = (value: string) => forbiddenUrl('ChangeConfiguration', { key: 'k', value }, LISTED)
    for (const value of ['300', 'true', 'A:B', 'Current.Import,Power', '12:30', 'See good.example']) expect(of(value)).toBeUndefined()
    for (const value of [
      bad,
      '//evil.example',
      'https:\\\\evil.example',
      ' https://evil.example',
      'ht\ttps:/\\evil.example',
      '\u0000ftp://evil.example',
    ])
      expect(of(value)).toBeDefined()
  })

  it('is judged by the host of a VPN, and by nothing that is no text', () => {
    const vpn = (server: unknown) => forbiddenUrl('SetNetworkProfile', { connectionData: { vpn: { server } } } as never, LISTED)
    expect(vpn('good.example')).toBeUndefined()
    for (const server of ['evil.example', 'good.example.', 'good.example;x', 7]) expect(vpn(server)).toBeDefined()
  })

  it('has no address in the schemas that is not in the table', () => {
    const found: string[] = []
    const walk = (schema: Schema, root: Schema, at: string): void => {
      const real = schema.$ref ? (root.definitions?.[schema.$ref.split('/').at(-1) ?? ''] ?? {}) : schema
      for (const [name, part] of Object.entries(real.properties ?? {})) {
        if (/url$|location$/i.test(name) || part.format === 'uri') found.push(`${at}/${name}`)
        walk(part, root, `${at}/${name}`)
      }
      if (real.items) walk(real.items, root, `${at}/*`)
    }
    for (const version of VERSIONS) {
      for (const [action, { request }] of schemasOf(version)) walk(request as Schema, request as Schema, action)
    }
    const listed: readonly string[] = STATION_URLS.map(({ action, pointer }) => `${action}${pointer}`)
    const missing = [...new Set(found)].filter((place) => !listed.includes(place))
    // said by stations, or for the back end to follow
    expect(missing.toSorted()).toEqual([
      'Authorize/iso15118CertificateHashData/*/responderURL',
      'GetCertificateStatus/ocspRequestData/responderURL',
      'MeterValues/meterValue/*/sampledValue/*/location',
      'NotifySettlement/receiptUrl',
      'PublishFirmwareStatusNotification/location',
      'StopTransaction/transactionData/*/sampledValue/*/location',
      'TransactionEvent/meterValue/*/sampledValue/*/location',
    ])
  })
})

interface Schema {
  readonly $ref?: string
  readonly format?: string
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
}
