import { portableEngine } from '../../src/crypto/portable.ts'
import { engineContract } from '../contracts/engine.ts'
import { pureContract } from '../contracts/engine-pure.ts'
import { rsaContract } from '../contracts/engine-rsa.ts'

engineContract('portable', portableEngine())
pureContract('portable', portableEngine())
rsaContract('portable', portableEngine())
