// What a port answers over HTTP, made when it is first asked for: most ports of a network hear nothing but WebSockets, and the framework
// that answers costs more memory than hundreds of idle stations.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { HttpApiOptions } from './http-api.ts'

/** For what is under way to end, ms. */
const GRACE_MS = 2_000

export class HttpSide {
  readonly server: Server
  readonly #options: HttpApiOptions
  #app: Promise<FastifyInstance> | undefined
  #handler: RequestListener | undefined

  constructor(options: Omit<HttpApiOptions, 'listener'>, serverOf: (listener: RequestListener) => Server) {
    this.server = serverOf((request, response) => void this.#answer(request, response))
    this.#options = { ...options, listener: (handler) => this.#calling(handler) }
  }

  /** Makes it, once. */
  async made(): Promise<void> {
    this.#app ??= this.#make()
    await this.#app
  }

  async close(): Promise<void> {
    const cut = setTimeout(() => this.server.closeAllConnections(), GRACE_MS)
    const closed = new Promise((resolve) => this.server.close(resolve))
    // one that could not be made has nothing to close
    await (await this.#app?.catch(() => undefined))?.close()
    await closed
    clearTimeout(cut)
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.made()
    } catch (cause) {
      // the next one who asks has it tried again
      this.#app = undefined
      this.#options.log?.error(cause)
      response.writeHead(500).end()
      return
    }
    this.#handler?.(request, response)
  }

  #calling(handler: RequestListener): Server {
    this.#handler = handler
    return this.server
  }

  async #make(): Promise<FastifyInstance> {
    const { buildHttpApi } = await import('./http-api.ts')
    const app = buildHttpApi(this.#options)
    await app.ready()
    return app
  }
}
