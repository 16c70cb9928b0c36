// The elliptic curves that meters and nodes use, as data: names, object identifiers, widths and domain parameters (all with
// cofactor 1). The arithmetic is in portable.ts and in node:crypto, not here.
// SEC 2 v1 and v2 (secp…), RFC 5639 §3 (brainpool), RFC 7518 §6.2.1.1 and RFC 8812 §3.1 (JWK names).
import type { CurveName, EcPublicKey, RawSignature } from './engine.ts'

export interface Curve {
  /** Object identifier in a SubjectPublicKeyInfo, dotted. */
  readonly oid: string
  /** `crv` of a JSON Web Key, where one is registered. */
  readonly jwk?: string
  /** What OpenSSL, and so node:crypto, calls it. */
  readonly openssl: string
  /** `weak`: the order has less than the 250 bits that BSI TR-02102-1 asks of a signature; such meters are in the field all the same. */
  readonly strength: 'sound' | 'weak'
  /** Bytes of a coordinate of a point. */
  readonly coordinateBytes: number
  /** Bytes of r and of s; one more than of a coordinate on secp224k1. */
  readonly orderBytes: number
  /** y² = x³ + ax + b modulo the prime p; n is the order of the base point (gx, gy). */
  readonly p: bigint
  readonly a: bigint
  readonly b: bigint
  readonly n: bigint
  readonly gx: bigint
  readonly gy: bigint
}

export const CURVES: Readonly<Record<CurveName, Curve>> = {
  secp192r1: {
    oid: '1.2.840.10045.3.1.1',
    openssl: 'prime192v1',
    strength: 'weak',
    coordinateBytes: 24,
    orderBytes: 24,
    p: 0xfffffffffffffffffffffffffffffffeffffffffffffffffn,
    a: 0xfffffffffffffffffffffffffffffffefffffffffffffffcn,
    b: 0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1n,
    n: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
    gx: 0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012n,
    gy: 0x7192b95ffc8da78631011ed6b24cdd573f977a11e794811n,
  },
  secp192k1: {
    oid: '1.3.132.0.31',
    openssl: 'secp192k1',
    strength: 'weak',
    coordinateBytes: 24,
    orderBytes: 24,
    p: 0xfffffffffffffffffffffffffffffffffffffffeffffee37n,
    a: 0n,
    b: 0x3n,
    n: 0xfffffffffffffffffffffffe26f2fc170f69466a74defd8dn,
    gx: 0xdb4ff10ec057e9ae26b07d0280b7f4341da5d1b1eae06c7dn,
    gy: 0x9b2f2f6d9c5628a7844163d015be86344082aa88d95e2f9dn,
  },
  secp224k1: {
    oid: '1.3.132.0.32',
    openssl: 'secp224k1',
    strength: 'weak',
    coordinateBytes: 28,
    orderBytes: 29,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffeffffe56dn,
    a: 0n,
    b: 0x5n,
    n: 0x10000000000000000000000000001dce8d2ec6184caf0a971769fb1f7n,
    gx: 0xa1455b334df099df30fc28a169a467e9e47075a90f7e650eb6b7a45cn,
    gy: 0x7e089fed7fba344282cafbd6f7e319f7c0b0bd59e2ca4bdb556d61a5n,
  },
  secp256r1: {
    oid: '1.2.840.10045.3.1.7',
    jwk: 'P-256',
    openssl: 'prime256v1',
    strength: 'sound',
    coordinateBytes: 32,
    orderBytes: 32,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    a: 0xffffffff00000001000000000000000000000000fffffffffffffffffffffffcn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    gx: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    gy: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
  secp256k1: {
    oid: '1.3.132.0.10',
    jwk: 'secp256k1',
    openssl: 'secp256k1',
    strength: 'sound',
    coordinateBytes: 32,
    orderBytes: 32,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
    a: 0n,
    b: 0x7n,
    n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
    gx: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
    gy: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
  },
  secp384r1: {
    oid: '1.3.132.0.34',
    jwk: 'P-384',
    openssl: 'secp384r1',
    strength: 'sound',
    coordinateBytes: 48,
    orderBytes: 48,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    a: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffcn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    gx: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    gy: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  },
  secp521r1: {
    oid: '1.3.132.0.35',
    jwk: 'P-521',
    openssl: 'secp521r1',
    strength: 'sound',
    coordinateBytes: 66,
    orderBytes: 66,
    p: 2n ** 521n - 1n,
    a: 2n ** 521n - 4n,
    b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    n: 0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    gx: 0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
    gy: 0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
  },
  brainpoolP256r1: {
    oid: '1.3.36.3.3.2.8.1.1.7',
    openssl: 'brainpoolP256r1',
    strength: 'sound',
    coordinateBytes: 32,
    orderBytes: 32,
    p: 0xa9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377n,
    a: 0x7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9n,
    b: 0x26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6n,
    n: 0xa9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7n,
    gx: 0x8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262n,
    gy: 0x547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997n,
  },
  brainpoolP384r1: {
    oid: '1.3.36.3.3.2.8.1.1.11',
    openssl: 'brainpoolP384r1',
    strength: 'sound',
    coordinateBytes: 48,
    orderBytes: 48,
    p: 0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53n,
    a: 0x7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826n,
    b: 0x4a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11n,
    n: 0x8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565n,
    gx: 0x1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1en,
    gy: 0x8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315n,
  },
}

/** Whether key and signature have the widths of the key's curve; an engine answers false where not. */
export const hasWidths = ({ curve, point }: EcPublicKey, signature: RawSignature): boolean =>
  point.length === 2 * CURVES[curve].coordinateBytes && signature.length === 2 * CURVES[curve].orderBytes
