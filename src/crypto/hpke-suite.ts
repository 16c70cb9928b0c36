// The two cipher suites of RFC 9180 that are spoken here, on P-256 with SHA-256. The package is loaded with the first message to encrypt or
// the first channel: most nodes never meet either, and it weighs 5 MiB.
import type { AeadInterface, CipherSuite } from '@hpke/core'

export interface Suite {
  readonly suite: CipherSuite
  readonly aead: AeadInterface
}

type Aead = 'Aes128Gcm' | 'Aes256Gcm'

export const suiteOf = (aead: Aead): Promise<Suite> => {
  loaded[aead] ??= load(aead)
  return loaded[aead]
}

const loaded: Partial<Record<Aead, Promise<Suite>>> = {}

const load = async (name: Aead): Promise<Suite> => {
  const { CipherSuite, DhkemP256HkdfSha256, HkdfSha256, ...aeads } = await import('@hpke/core')
  const aead = new aeads[name]()
  return { suite: new CipherSuite({ kem: new DhkemP256HkdfSha256(), kdf: new HkdfSha256(), aead }), aead }
}
