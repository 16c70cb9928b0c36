// Who may charge: OCPP 1.6 §4.1 and 2.x C01, from the list of tokens in the settings. A token that is not listed is invalid.
import { answerOnly, type Behaviour, for2x } from './behaviour.ts'
import { idTagInfo, idTokenInfo } from './tokens.ts'

export const authorize: Behaviour = {
  once: false,
  handlers: {
    'ocpp1.6': { Authorize: ({ payload, at }, { tokens }) => answerOnly({ idTagInfo: idTagInfo(tokens, payload.idTag, at) }) },
    ...for2x({
      Authorize: ({ payload, at }, { tokens }) => {
        // C07: a contract certificate that nobody here can check must not open anything
        const isContract = payload.certificate !== undefined || payload.iso15118CertificateHashData !== undefined
        if (isContract) return answerOnly({ idTokenInfo: { status: 'Invalid' }, certificateStatus: 'CertChainError' })
        return answerOnly({ idTokenInfo: idTokenInfo(tokens, payload.idToken, at) })
      },
    }),
  },
}
