import { portableEngine } from '../../src/crypto/portable.ts'
import { engineContract } from '../contracts/engine.ts'

engineContract('portable', portableEngine())
