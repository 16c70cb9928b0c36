// From what was given to records and keys, through every container. Nothing is dropped: each input and each member of a container
// gets a report, and what could not be used has a fault in it. Nothing is verified here, and no name or attribute is believed.
import { asFault, Fault } from '../base/fault.ts'
import { joined } from '../base/lists.ts'
import type { GivenKey } from '../crypto/meter-key.ts'
import { type Container, innerName, type LoadingContainer, type Openers, type Part, type Slot } from '../metering/container.ts'
import { containerOf } from '../metering/containers.ts'
import { type Content, contentOf } from '../metering/content.ts'
import type { ReadRecord } from '../metering/format.ts'
import { detachedFormatOf, formatOf } from '../metering/formats.ts'
import { isNamedKey, type KeyFile, keyFileOf, namedKeyFileOf } from '../metering/key-file.ts'
import type { Budget } from '../metering/limits.ts'
import { heldIn, within } from '../metering/places.ts'
import type { MeterRecord } from '../metering/reading.ts'
import { type FoundKey, type FoundList, type FoundRecord, KeyReader, type Report, withoutDoubt } from './found.ts'
import { type Reading, recordsIn } from './records.ts'
import { isLink, strangeness } from './strange.ts'
import type { InputKind } from './verdict.ts'

export interface Input {
  /** A path or a name; a key file's name says which meter it speaks of. */
  readonly name: string
  /** The bytes, or how to get them: then they are held only while they are read. A rejection with a Fault becomes the input's fault. */
  readonly bytes: Uint8Array | (() => Promise<Uint8Array>)
}

export interface Opened {
  readonly records: readonly FoundRecord[]
  readonly keys: readonly FoundKey[]
  readonly lists: readonly FoundList[]
  /** In the order of the inputs, members after their container. */
  readonly reports: readonly Report[]
}

export interface Given {
  readonly inputs: readonly Input[]
  readonly keys: readonly Input[]
  readonly trust: readonly Input[]
}

export const open = async (given: Given, budget: Budget, openers: Openers): Promise<Opened> => {
  const opening = new Opening(budget, openers)
  // an input that may not be held is not even read: what nobody wants waits in memory until it is collected
  const mayHold = (): void => budget.checkHeld()
  await opening.takeAll(given.inputs, (name, content) => opening.input(name, content, 0), mayHold)
  opening.finish()
  if (given.keys.length > 0) await opening.takeAll(given.keys, (name, content) => opening.keyFile(name, content, 'supplied'))
  if (given.trust.length > 0) await opening.takeAll(given.trust, (name, content) => opening.keyFile(name, content, 'pinned'))
  return opening
}

type Taken = (name: string, content: Content) => void | Promise<void>

class Opening implements Opened {
  readonly records: FoundRecord[] = []
  readonly keys: FoundKey[] = []
  readonly lists: FoundList[] = []
  readonly reports: Report[] = []
  readonly #budget: Budget
  readonly #openers: Openers
  readonly #waiting: Reading[] = []
  /** Files that hold the signature of another. Several may have one name, as their documents have. */
  readonly #beside: Beside[] = []
  readonly #reader = new KeyReader()

  constructor(budget: Budget, openers: Openers) {
    this.#budget = budget
    this.#openers = openers
  }

  /** @param check before an input is read: throws where it may not be */
  async takeAll(inputs: readonly Input[], read: Taken, check?: () => void): Promise<void> {
    const { inputBytes } = this.#budget.limits
    for (const { name, bytes } of inputs) {
      try {
        this.#budget.checkTime()
        check?.()
        const given = typeof bytes === 'function' ? await bytes() : bytes
        if (given.length > inputBytes) throw new Fault('limit-exceeded', `${given.length} bytes, the limit is ${inputBytes}`)
        // most inputs are read at once, and waiting for them all the same would cost as much as some of the reading
        const reading = read(name, contentOf(given))
        if (reading !== undefined) await reading
      } catch (thrown) {
        this.#report(name, 'unknown', undefined, asFault(thrown))
      }
    }
  }

  /** @param depth containers around it */
  input(name: string, content: Content, depth: number): void | Promise<void> {
    this.#budget.checkHeld()
    const before = this.#kept
    const hold = (): void => {
      if (this.#kept > before) this.#budget.hold(content.bytes.length)
    }
    const reading = this.#input(name, content, depth)
    return reading === undefined ? hold() : reading.then(hold)
  }

  /** Whatever has parts of an input's text in it. */
  get #kept(): number {
    return this.records.length + this.keys.length + this.#waiting.length + this.#beside.length
  }

  #input(name: string, content: Content, depth: number): undefined | Promise<void> {
    const signed = detachedFormatOf(name)
    if (signed !== undefined) {
      this.#beside.push({ name, content, report: this.#report(name, 'record', signed.name) })
      return
    }
    const container = containerOf(content)
    if (container !== undefined) return this.#container({ container, name, content, depth })
    this.#plain(name, content)
  }

  /** A file that holds no others. */
  #plain(name: string, content: Content): void {
    const format = formatOf(content)
    if (format !== undefined) {
      const reading = { format, content, report: this.#report(name, 'record', format.name), name, keys: [] }
      if (format.detached === undefined) this.#guard(reading.report, () => this.#read(reading))
      else this.#waiting.push(reading)
      return
    }
    const file = isNamedKey(name) ? namedKeyFileOf(content) : keyFileOf(content)
    if (file !== undefined) this.#keys(name, file, { trust: 'supplied', given: false })
    else if (isLink(content)) this.#report(name, 'link', 'url')
    else this.#report(name, 'unknown', undefined, strangeness(content))
  }

  /** Reads the records that waited for a file beside them, now that all inputs are there in whatever order. */
  finish(): void {
    const beside = Map.groupBy(this.#beside, ({ name }) => name)
    for (const reading of this.#waiting) {
      const name = `${reading.name}${reading.format.detached}`
      const found = beside.get(name)?.shift()
      this.#guard(reading.report, () => this.#read({ ...reading, beside: found?.content }))
    }
    for (const { report } of [...beside.values()].flat())
      report.fault ??= new Fault('input-unknown', 'the signature of a record that is not here')
  }

  keyFile(name: string, content: Content, trust: FoundKey['trust']): void {
    const file = namedKeyFileOf(content)
    if (file !== undefined) this.#keys(name, file, { trust, given: true })
    else this.#report(name, 'key', undefined, new Fault('key-malformed', 'expected a public key as PEM, hex, base32, base64 or DER'))
  }

  #report(name: string, kind: InputKind, format?: string, fault?: Fault): Report {
    const report: Report = { name, kind, format, fault }
    this.reports.push(report)
    return report
  }

  /** What goes wrong inside an input becomes its fault; the first one stays. */
  #guard(report: Report, run: () => void): void {
    try {
      run()
    } catch (thrown) {
      report.fault ??= asFault(thrown)
    }
  }

  async #container({ container, name, content, depth, around }: Unopened): Promise<void> {
    const report = this.#report(name, 'kind' in container && container.kind !== undefined ? container.kind : 'container', container.name)
    const { limits } = this.#budget
    try {
      if (depth >= limits.depth) throw new Fault('limit-exceeded', `containers nest deeper than ${limits.depth}`)
      const parts = 'load' in container ? await container.load(content, this.#budget, this.#openers) : container.open(content, this.#budget)
      let found = 0
      for (const part of around === undefined ? parts : within(around, parts)) {
        found++
        const reading = this.#part(report, part, depth)
        if (reading !== undefined) await reading
      }
      if (found === 0) report.fault ??= new Fault('input-unknown', 'there is nothing in it')
    } catch (thrown) {
      const fault = asFault(thrown)
      report.fault ??= fault
      // a document with thousands of such places would go on to report each of them
      if (around !== undefined && fault.code === 'limit-exceeded') throw fault
    }
  }

  #part(container: Report, part: Part, depth: number): void | Promise<void> {
    this.#budget.part()
    const own = part.kind === 'member' ? (part.name ?? innerName(container.name)) : part.name
    const name = own === undefined ? container.name : `${container.name}/${own}`
    if (own !== undefined && own.length > LONGEST_NAME) {
      const fault = new Fault('limit-exceeded', `a name of more than ${LONGEST_NAME} characters`)
      this.#report(name.slice(0, container.name.length + LONGEST_NAME), 'unknown', undefined, fault)
      return
    }
    if (part.kind === 'member') return this.input(name, contentOf(part.bytes), depth + 1)
    if (part.kind === 'slot') return this.#slot(container, name, { slot: part, depth })
    else if (part.name === undefined) container.fault ??= part.fault
    else this.#report(name, 'unknown', undefined, part.fault)
  }

  #slot(report: Report, name: string, { slot, depth }: Place): void | Promise<void> {
    const held = heldIn(slot)
    if (held === undefined) {
      this.#report(name, 'unknown', undefined, new Fault('input-unknown', 'no known format begins like this'))
      return
    }
    if ('format' in held) return this.#read({ ...slot, ...held, report, name })
    this.#budget.unpack(held.content.bytes.length)
    return this.#container({ ...held, name, depth: depth + 1, around: slot })
  }

  #read(reading: Reading): void {
    const embedded = this.#embedded(reading.name, reading.keys)
    const around = this.#embedded(reading.name, reading.keysAround ?? [])
    for (const { own, found } of recordsIn(reading)) this.#found({ own, found, report: reading.report, embedded, around })
  }

  /** @param own the name of the place where it was found */
  #found({ own, found, report, embedded, around }: Found): void {
    if (!(found instanceof Fault)) {
      this.#budget.record(found.readings.length)
      const inside = this.#embedded(own, found.keys)
      const near = joined(embedded, inside)
      const record = withoutDoubt(withoutDoubt(found, embedded, inside), around, near)
      this.records.push({
        id: `record-${this.records.length + 1}`,
        report,
        record,
        embedded: around.length === 0 ? near : joined(near, around),
      })
    } else if (own === report.name) {
      // the only thing in an input of its own: then the fault is the input's
      report.fault ??= found
    } else {
      this.#budget.part()
      this.#report(own, found.code === 'input-unknown' ? 'unknown' : 'record', report.format, found)
    }
  }

  /** A place for a key that is empty is no damaged key. */
  #embedded(name: string, keys: MeterRecord['keys']): (GivenKey | Fault)[] {
    const found: (GivenKey | Fault)[] = []
    for (const text of keys) {
      if ((typeof text === 'string' ? text.trim() : text).length === 0) continue
      const key = this.#reader.read(text)
      if (key instanceof Fault) this.#report(`${name}/publicKey`, 'key', undefined, key)
      found.push(key)
    }
    return found
  }

  #keys(name: string, { format, keys }: KeyFile, standing: Pick<FoundKey, 'trust' | 'given'>): void {
    keys.forEach((file, index) => {
      const found = this.#reader.found(file)
      const own = keys.length === 1 ? name : `${name}#${index + 1}`
      const report = this.#report(own, 'key', format, found instanceof Fault ? found : undefined)
      if (found instanceof Fault) return
      if ('list' in found) this.lists.push({ report, trust: standing.trust, ...found })
      else this.keys.push({ report, file: name, ...standing, ...found })
    })
  }
}

/** Of a member: it is told with each of its records. */
const LONGEST_NAME = 1000

type Beside = Pick<Reading, 'name' | 'content' | 'report'>

interface Unopened {
  readonly container: Container | LoadingContainer
  readonly name: string
  readonly content: Content
  /** Containers around it. */
  readonly depth: number
  /** The place for a record in which it stands. */
  readonly around?: Slot
}

interface Place {
  readonly slot: Slot
  /** Containers around the document that has it. */
  readonly depth: number
}

interface Found {
  readonly own: string
  readonly found: ReadRecord
  readonly report: Report
  readonly embedded: FoundRecord['embedded']
  readonly around: FoundRecord['embedded']
}
