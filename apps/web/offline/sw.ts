// The service worker: keeps the files of this build, each by the hash that the build wrote down, and answers with them where there is no
// network. It asks for nothing but those files, and touches no other request: the dashboard and the API never come through here.

/** Written in by apps/web/build-list.ts. */
declare const __OFFLINE__: {
  readonly version: string
  /** Name -> SHA-256, hex. */
  readonly core: Readonly<Record<string, string>>
  readonly later: Readonly<Record<string, string>>
}

/** What of a service worker is used here; the library of types for pages does not know it. */
interface Scope {
  readonly registration: { readonly scope: string }
  readonly clients: { claim(): Promise<void> }
  addEventListener(type: 'install' | 'activate', listener: (event: Lasting) => void): void
  addEventListener(type: 'fetch', listener: (event: Asked) => void): void
  addEventListener(type: 'message', listener: (event: Told) => void): void
}
interface Lasting {
  waitUntil(work: Promise<unknown>): void
}
interface Asked {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
type Told = Lasting & { readonly data: 'all' | readonly string[]; readonly ports: readonly MessagePort[] }

const { version, core, later } = __OFFLINE__
const files: Readonly<Record<string, string | undefined>> = { ...core, ...later }
const CACHE = `chargeproof-${version}`
/** The page's own names for a file, and those that must be as new as they can be. */
const ALIASES: Readonly<Record<string, string | undefined>> = { verify: 'verify.html' }
const NEWEST = ['verify.html', 'files.sha256']

const scope: Scope = Object(self)

scope.addEventListener('install', (event) => event.waitUntil(keptBefore().then((more) => keep([...Object.keys(core), ...more]))))

scope.addEventListener('activate', (event) => event.waitUntil(dropOthers().then(() => scope.clients.claim())))

// the page says what it has loaded, because it may have done so before there was a service worker; or that it wants all there is
scope.addEventListener('message', (event) => {
  const said = keep(event.data === 'all' ? Object.keys(later) : event.data.flatMap((address) => ownName(address) ?? [])).then(
    () => true,
    () => false,
  )
  event.waitUntil(said.then((done) => event.ports[0]?.postMessage(done)))
})

scope.addEventListener('fetch', (event) => {
  const name = nameOf(event.request)
  if (name !== undefined) event.respondWith(NEWEST.includes(name) ? newest(event.request, name) : kept(name))
})

/** Undefined for what is not ours. */
const nameOf = ({ method, url }: Request): string | undefined => (method === 'GET' ? ownName(url) : undefined)

const ownName = (url: string): string | undefined => {
  const address = url.replace(/[?#].*$/, '')
  if (!address.startsWith(scope.registration.scope)) return undefined
  const path = address.slice(scope.registration.scope.length)
  const name = ALIASES[path] ?? path
  return files[name] !== undefined || NEWEST.includes(name) ? name : undefined
}

const newest = async (request: Request, name: string): Promise<Response> => {
  try {
    return await fetch(request)
  } catch (offline) {
    const found = await (await caches.open(CACHE)).match(at(name))
    if (found === undefined) throw offline
    return found
  }
}

/** Rejects for what is not the file of this build: it is not shown, and not kept. */
const kept = async (name: string): Promise<Response> => {
  const cache = await caches.open(CACHE)
  const found = await cache.match(at(name))
  return found ?? fetchInto(cache, name)
}

/** What the worker before kept beyond the core, under the names of this build: a reader who speaks a language, or wanted all, does after an update. */
const keptBefore = async (): Promise<string[]> => {
  const olds = await Promise.all((await caches.keys()).filter(isOlder).map((name) => caches.open(name)))
  const requests = (await Promise.all(olds.map((cache) => cache.keys()))).flat()
  const stems = new Set(requests.map(({ url }) => stemOf(url.slice(scope.registration.scope.length))))
  return Object.keys(later).filter((name) => stems.has(stemOf(name)))
}

/** A file's name without the hash that the build puts into it. */
const stemOf = (name: string): string => name.replace(/-[\w-]{8}(\.\w+)$/, '$1')

const isOlder = (name: string): boolean => name.startsWith('chargeproof-') && name !== CACHE

/** All of them, or a rejection: half a page is no page. */
const keep = async (names: readonly string[]): Promise<void> => {
  const cache = await caches.open(CACHE)
  await Promise.all([...names, 'files.sha256'].map(async (name) => void ((await cache.match(at(name))) ?? (await fetchInto(cache, name)))))
}

const fetchInto = async (cache: Cache, name: string): Promise<Response> => {
  const answer = await fetch(at(name), { cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${name}: status ${answer.status}`)
  const wanted = files[name]
  if (wanted !== undefined && (await sha256(answer.clone())) !== wanted) throw new Error(`${name} is not the file of this build`)
  await cache.put(at(name), answer.clone())
  return answer
}

const sha256 = async (answer: Response): Promise<string> =>
  Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', await answer.arrayBuffer())), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')

const at = (name: string): string => scope.registration.scope + name

const dropOthers = async (): Promise<void> => {
  const names = await caches.keys()
  await Promise.all(names.filter(isOlder).map((name) => caches.delete(name)))
}
