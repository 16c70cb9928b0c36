import { getCurves } from 'node:crypto'
import { weierstrass } from '@noble/curves/abstract/weierstrass.js'
import { brainpoolP256r1, brainpoolP384r1 } from '@noble/curves/misc.js'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { describe, expect, it } from 'vitest'
import { CURVES } from '../../src/crypto/curves.ts'
import type { CurveName } from '../../src/crypto/engine.ts'

describe.each(Object.keys(CURVES) as CurveName[])('%s', (name) => {
  const { p, a, b, n, gx, gy, openssl, strength, coordinateBytes, orderBytes } = CURVES[name]

  it('has a base point on the curve, of the stated order', () => {
    const Point = weierstrass({ p, a, b, n, h: 1n, Gx: gx, Gy: gy })
    expect(() => Point.BASE.assertValidity()).not.toThrow()
    // n·G is infinity; multiply() does not take n itself
    expect(
      Point.BASE.multiplyUnsafe(n - 1n)
        .add(Point.BASE)
        .is0(),
    ).toBe(true)
    expect(Point.BASE.multiplyUnsafe(n - 1n).is0()).toBe(false)
  })

  it('states widths and strength that follow from its numbers', () => {
    const bits = (value: bigint) => value.toString(2).length
    expect(coordinateBytes).toBe(Math.ceil(bits(p) / 8))
    expect(orderBytes).toBe(Math.ceil(bits(n) / 8))
    expect(strength).toBe(bits(n) < 250 ? 'weak' : 'sound')
  })

  it('is known to node under its OpenSSL name', () => expect(getCurves()).toContain(openssl))
})

it.each([
  ['secp256r1', p256],
  ['secp256k1', secp256k1],
  ['secp384r1', p384],
  ['secp521r1', p521],
  ['brainpoolP256r1', brainpoolP256r1],
  ['brainpoolP384r1', brainpoolP384r1],
] as const)('%s has the parameters that @noble/curves has', (name, { Point }) => {
  const { p, a, b, n, gx, gy } = CURVES[name]
  expect({ p, a, b, n, gx, gy }).toEqual({
    p: Point.CURVE().p,
    a: Point.CURVE().a,
    b: Point.CURVE().b,
    n: Point.CURVE().n,
    gx: Point.CURVE().Gx,
    gy: Point.CURVE().Gy,
  })
})

it('has no two curves of one name', () => {
  const all = Object.values(CURVES)
  expect(new Set(all.map(({ oid }) => oid)).size).toBe(all.length)
  expect(new Set(all.map(({ openssl }) => openssl)).size).toBe(all.length)
})
