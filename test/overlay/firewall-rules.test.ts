// What decides over a message: every cell of the table, and that no rule at the end lets more through.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/base/ports.ts'
import { VERSIONS, type Version } from '../../src/ocpp/version.ts'
import { type Asked, FIREWALL_DECISIONS, type FirewallRule, type FirewallSettings, RuleBook } from '../../src/overlay/firewall-rules.ts'
import { DIRECTIONS, type Passage } from '../../src/overlay/passage.ts'
import { callOf } from './support.ts'

const ACTIONS = ['Reset', 'org.example.Ping', 'Heartbeat'] as const
const passage = (direction: Passage['direction'], origin: string): Passage => ({
  direction,
  uplink: origin === 'uplink',
  station: direction === 'up' || origin === 'station',
})
const asked = (parts: Partial<Omit<Asked, 'roles'>> & { roles?: readonly string[] } = {}): Asked => ({
  action: 'Reset',
  version: 'ocpp1.6',
  payload: { type: 'Hard' },
  origin: 'csms',
  passage: passage('down', 'uplink'),
  ...parts,
  roles: () => parts.roles ?? ['csms'],
})
const WITH = [{ pointer: '/type', value: 'Soft' }]
const rule = (parts: Partial<FirewallRule> = {}): FirewallRule => ({ id: 'r', decision: 'reject', actions: ['*'], ...parts })
const weigh = (settings: FirewallSettings, message: Asked = asked()) => new RuleBook(settings).weigh(message)
const decided = (parts: Partial<FirewallRule>, message?: Asked) => weigh({ rules: [rule(parts)] }, message).decision

describe('a rule', () => {
  const axes = {
    actions: [
      [['*'], ACTIONS],
      [['Reset'], ['Reset']],
      [['unknown'], ['org.example.Ping']],
      [['org.example.Ping'], ['org.example.Ping']],
    ] as const,
    origin: [
      [undefined, ['csms', 'uplink', 'station']],
      [['csms'], ['csms']],
      [['uplink', 'x'], ['uplink']],
      [['station'], ['station']],
    ] as const,
    role: [
      [undefined, ['csms', '']],
      ['csms', ['csms']],
      ['nobody', ['']],
    ] as const,
    where: [
      [undefined, ['Hard', 'Soft']],
      [[{ pointer: '/type', in: ['Hard'] }], ['Hard']],
    ] as const,
  }

  it('is meant for what it names in each respect, and for nothing else: action, direction, origin, role and payload', () => {
    let cells = 0
    for (const decision of FIREWALL_DECISIONS)
      for (const dryRun of [false, true])
        for (const [actions, ownActions] of axes.actions)
          for (const direction of [undefined, ...DIRECTIONS])
            for (const [origin, ownOrigins] of axes.origin)
              for (const [role, ownRoles] of axes.role)
                for (const [where, ownTypes] of axes.where) {
                  const book = new RuleBook({
                    rules: [
                      rule({
                        decision,
                        dryRun,
                        actions,
                        with: WITH,
                        ...(direction && { direction }),
                        ...(origin && { origin }),
                        ...(role && { role }),
                        ...(where && { where }),
                      }),
                    ],
                  })
                  for (const action of ACTIONS)
                    for (const way of DIRECTIONS)
                      for (const from of ['csms', 'uplink', 'station'])
                        for (const signer of ['csms', ''])
                          for (const type of ['Hard', 'Soft']) {
                            const isFrom = (ownOrigins as readonly string[]).includes(from) || (origin?.[0] === 'station' && way === 'up')
                            const isMeant =
                              (ownActions as readonly string[]).includes(action) &&
                              (!direction || direction === way) &&
                              isFrom &&
                              (ownRoles as readonly string[]).includes(signer) &&
                              (ownTypes as readonly string[]).includes(type)
                            const would =
                              !isMeant || (decision === 'replace' && type === 'Soft') ? 'forward' : replaceable(decision, action)
                            const { decision: done, rehearsed } = book.weigh(
                              asked({
                                action,
                                origin: from,
                                passage: passage(way, from),
                                roles: signer ? [signer] : [],
                                payload: { type },
                              }),
                            )
                            cells++
                            if (done !== (dryRun ? 'forward' : would))
                              expect([actions, direction, origin, role, where, action, way, from, signer, type, done]).toBe(would)
                            if (dryRun && (rehearsed[0]?.decision ?? 'forward') !== would) expect(rehearsed).toBe(would)
                          }
                }
    expect(cells).toBeGreaterThan(80_000)
  })

  /** Heartbeat has no type, so what it would become breaks its schema. */
  const replaceable = (decision: string, action: string): string => (decision === 'replace' && action === 'Heartbeat' ? 'reject' : decision)

  it('may name versions, and conditions of which one must not hold', () => {
    for (const version of VERSIONS) {
      expect(decided({ versions: [version] }, asked({ version }))).toBe('reject')
      for (const other of VERSIONS.filter((one) => one !== version))
        expect(decided({ versions: [version] }, asked({ version: other }))).toBe('forward')
    }
    // who does not say the version cannot get round a rule
    expect(decided({ versions: ['ocpp1.6'] }, asked({ version: undefined }))).toBe('reject')
    // nor be let through by one
    const lets = new RuleBook({ default: 'reject', rules: [{ id: 'lets', decision: 'forward', actions: ['*'], versions: ['ocpp1.6'] }] })
    const outcomes = (['ocpp1.6', 'ocpp2.1', undefined] as const).map((version) => lets.weigh(asked({ version })).decision)
    expect(outcomes).toEqual(['forward', 'reject', 'reject'])
    const unless = [{ pointer: '/list/*', min: 10 }]
    const limits = (...list: number[]) => asked({ action: 'org.example.Limits', payload: { list } })
    expect(decided({ unless }, limits(10, 11))).toBe('forward')
    expect(decided({ unless }, limits(10, 9))).toBe('reject')
    expect(decided({ unless }, limits())).toBe('reject')
    expect(weigh({ rules: [rule({ unless })] }, limits(9)).why).toBe('/list/* is 9, at least 10 is allowed')
  })

  it('is about questions, or about results', () => {
    const question = callOf({ from: 'cs', to: 'csms' }, { action: 'Authorize' })
    const answer = asked({
      action: 'Authorize',
      passage: { ...passage('down', 'uplink'), question },
      payload: { idTagInfo: { status: 'Accepted' } },
    })
    expect([decided({ answers: true }, answer), decided({}, answer)]).toEqual(['reject', 'forward'])
    expect([decided({ answers: true }), decided({})]).toEqual(['forward', 'reject'])
    const blocked = rule({ answers: true, decision: 'replace', with: [{ pointer: '/idTagInfo/status', value: 'Blocked' }] })
    expect(weigh({ rules: [blocked] }, answer)).toMatchObject({ decision: 'replace', payload: { idTagInfo: { status: 'Blocked' } } })
    const odd = rule({ answers: true, decision: 'replace', with: [{ pointer: '/idTagInfo/status', value: 'Odd' }] })
    expect(weigh({ rules: [odd] }, answer)).toMatchObject({ decision: 'reject', why: expect.stringContaining('schema of Authorize') })
  })

  it('decides only where none before it did, and in a dry run not at all', () => {
    const rules = [rule({ id: 'a', actions: ['Reset'], decision: 'forward' }), rule({ id: 'b' })]
    expect(weigh({ rules })).toMatchObject({ decision: 'forward', rule: 'a' })
    expect(weigh({ rules: rules.toReversed() })).toMatchObject({ decision: 'reject', rule: 'b' })
    expect(weigh({ rules: [rule({ id: 'x', decision: 'drop', dryRun: true }), rule({ id: 'b' })] })).toMatchObject({
      decision: 'reject',
      rule: 'b',
      rehearsed: [{ decision: 'drop', rule: 'x' }],
    })
    expect(weigh({ rules: [rule({ id: 'b' })], dryRun: true })).toMatchObject({
      decision: 'forward',
      rehearsed: [{ decision: 'reject', rule: 'b' }],
    })
  })

  it.each(['forward', 'drop', 'reject'] as const)('is missing: the default %s decides', (otherwise) => {
    expect(weigh({ default: otherwise })).toMatchObject({ decision: otherwise, rule: 'default' })
    expect(weigh({ default: otherwise, dryRun: true }).decision).toBe('forward')
    expect(weigh({})).toMatchObject({ decision: 'forward', rehearsed: [] })
  })
})

describe('a replacement', () => {
  const replace = (pointer: string, value: Json, message: Asked) =>
    weigh({ rules: [rule({ decision: 'replace', with: [{ pointer, value }] })] }, message)

  it('changes what is there and leaves the message itself alone', () => {
    const payload = { list: [{ limit: 1, unit: 'W' }, { limit: 2 }], keep: { a: [null] } }
    const before = structuredClone(payload)
    const { payload: after } = replace('/list/*/limit', 9, asked({ action: 'org.example.X', payload }))
    expect(after).toEqual({ list: [{ limit: 9, unit: 'W' }, { limit: 9 }], keep: { a: [null] } })
    expect(payload).toEqual(before)
  })

  it('that changes nothing is none, and one that cannot be is a refusal', () => {
    expect(replace('/type', 'Hard', asked())).toMatchObject({ decision: 'forward', rule: 'r' })
    expect(replace('/types', 'Soft', asked())).toMatchObject({ decision: 'reject', why: '/types is missing and cannot be replaced' })
    expect(replace('/type', 'Gentle', asked())).toMatchObject({ decision: 'reject', why: expect.stringContaining('schema of Reset') })
  })

  it('does not get round the addresses', () => {
    const rules = [rule({ decision: 'replace', with: [{ pointer: '/location', value: 'https://evil.example/' }] })]
    const message = asked({ action: 'GetDiagnostics', payload: { location: 'https://good.example/' } })
    const urls = { schemes: ['https'], hosts: ['good.example'] }
    expect(weigh({ rules, urls }, message)).toMatchObject({ decision: 'reject', rule: 'urls' })
    expect(weigh({ urls }, message).decision).toBe('forward')
    expect(weigh({ rules: [rule({ decision: 'forward' })] }, message)).toMatchObject({ decision: 'reject', rule: 'urls' })
    expect(weigh({ urls: { dryRun: true } }, message)).toMatchObject({ decision: 'forward', rehearsed: [{ rule: 'urls' }] })
  })
})

describe('any list of rules', () => {
  const someRule: fc.Arbitrary<FirewallRule> = fc.record(
    {
      id: fc.string(),
      decision: fc.constantFrom(...FIREWALL_DECISIONS),
      actions: fc.subarray(['*', 'unknown', ...ACTIONS], { minLength: 1 }),
      direction: fc.constantFrom(...DIRECTIONS),
      origin: fc.subarray(['csms', 'uplink', 'station'], { minLength: 1 }),
      role: fc.constantFrom('csms', 'grid', 'nobody'),
      versions: fc.subarray<Version>([...VERSIONS], { minLength: 1 }),
      where: fc.constant([{ pointer: '/type', in: ['Hard'] }]),
      dryRun: fc.boolean(),
      with: fc.constant(WITH),
    },
    { requiredKeys: ['id', 'decision', 'actions', 'with'] },
  )
  const someMessage = fc
    .record({
      action: fc.constantFrom(...ACTIONS),
      origin: fc.constantFrom('csms', 'uplink', 'station', 'other'),
      version: fc.constantFrom(...VERSIONS, undefined),
      direction: fc.constantFrom(...DIRECTIONS),
      roles: fc.subarray(['csms', 'grid']),
      payload: fc.constantFrom<Json>({ type: 'Hard' }, { type: 'Soft' }, {}),
    })
    .map(({ direction, ...rest }) => asked({ ...rest, passage: passage(direction, rest.origin) }))
  const lets = ({ decision }: { decision: string }) => decision === 'forward' || decision === 'replace'

  it('lets no more through with one more that refuses at the end, and is the same with one more in a dry run anywhere', () => {
    const otherwise = fc.constantFrom('forward', 'drop', 'reject')
    fc.assert(
      fc.property(fc.array(someRule), someRule, someMessage, otherwise, fc.nat(), (rules, more, message, fallback, at) => {
        const settings = { rules, default: fallback as 'forward' }
        const before = weigh(settings, message)
        const after = weigh({ ...settings, rules: [...rules, { ...more, decision: 'reject' }] }, message)
        if (lets(after)) expect({ ...after, rehearsed: [] }).toEqual({ ...before, rehearsed: [] })
        const rehearsing = rules.toSpliced(at % (rules.length + 1), 0, { ...more, dryRun: true })
        expect({ ...weigh({ ...settings, rules: rehearsing }, message), rehearsed: [] }).toEqual({ ...before, rehearsed: [] })
      }),
      { numRuns: 1000 },
    )
  })

  it('of fifty costs less than two microseconds for a message', () => {
    const rules = Array.from({ length: 50 }, (_, i) =>
      rule({ id: `r${i}`, actions: [i % 2 ? 'Reset' : `org.example.A${i}`], direction: 'through' }),
    )
    const book = new RuleBook({ rules })
    const message = asked()
    const round = () => {
      const before = process.threadCpuUsage()
      for (let i = 0; i < 50_000; i++) book.weigh(message)
      return process.threadCpuUsage(before).user / 50_000
    }
    // the best of some rounds: a busy machine makes it slower, never faster
    expect(Math.min(...Array.from({ length: 8 }, round))).toBeLessThan(2)
  })
})
