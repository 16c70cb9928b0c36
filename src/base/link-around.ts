// A link that is another one but for what a subclass does otherwise.
import type { Link, LinkEvents } from './ports.ts'

export class LinkAround implements Link {
  protected readonly link: Link

  constructor(link: Link) {
    this.link = link
  }

  get id(): string {
    return this.link.id
  }

  get waiting(): number {
    return this.link.waiting
  }

  get exporter(): Uint8Array | undefined {
    return this.link.exporter
  }

  open(events: LinkEvents): void {
    this.link.open(events)
  }

  send(frame: string | Uint8Array): void {
    this.link.send(frame)
  }

  alive(ms: number): Promise<boolean> {
    return this.link.alive(ms)
  }

  close(code: number, reason: string): void {
    this.link.close(code, reason)
  }
}
