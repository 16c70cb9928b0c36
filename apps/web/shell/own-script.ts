// The page's security policy demands trusted types. This is the one place that makes one, and only for scripts of this very build: those whose
// address the build wrote, and the service worker.

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (address: string) => string }): { createScriptURL(address: string): string }
}

/** An address that a worker may be started from. @throws TypeError for any other */
export const ownScript = (address: string): string => {
  policy ??= (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('chargeproof', { createScriptURL: own })
  return policy?.createScriptURL(address) ?? own(address)
}

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined

const own = (address: string): string => {
  const { origin, pathname } = new URL(address, document.baseURI)
  if (origin !== location.origin || !/\/(sw\.js|assets\/worker-[\w-]+\.js)$/.test(pathname))
    throw new TypeError('expected a script of this build')
  return address
}
