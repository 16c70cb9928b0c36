import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ensureWeb } from '../../src/adapters/web-assets.ts'

describe('the built pages', () => {
  it('are built once, and hold both pages', async () => {
    const folder = await ensureWeb()
    const built = (await stat(join(folder, 'index.html'))).mtimeMs
    expect(await ensureWeb()).toBe(folder)
    expect((await stat(join(folder, 'index.html'))).mtimeMs).toBe(built)
    expect(await readFile(join(folder, 'verify.html'), 'utf8')).toContain('<script type="module"')
  }, 60_000)

  it.each(['index.html', 'verify.html'])('%s runs under a policy without inline script, and names no other host', async (name) => {
    const html = await readFile(join(await ensureWeb(), name), 'utf8')
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'self'; [^"]*connect-src 'self'/)
    expect(html).not.toMatch(/unsafe-|https?:\/\//)
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/)
  })

  it('hold no call that turns text into markup or code, and load nothing from elsewhere', async () => {
    const assets = join(await ensureWeb(), 'assets')
    for (const name of await readdir(assets)) {
      const text = await readFile(join(assets, name), 'utf8')
      expect(text).not.toMatch(/\beval\(|new Function\(|document\.write/)
      if (name.endsWith('.css')) expect(text.match(/url\((?!["']?data:)[^)]*\)/g) ?? []).toEqual([])
    }
  })
})
