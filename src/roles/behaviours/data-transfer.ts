// DataTransfer: no vendor's extension is spoken here, and that is what the answer says (OCPP 1.6 §4.3, 2.x P02).
import { answerOnly, type Behaviour, for2x, type Handler } from './behaviour.ts'

const decline: Handler = () => answerOnly({ status: 'UnknownVendorId' })

export const dataTransfer: Behaviour = {
  once: false,
  handlers: { 'ocpp1.6': { DataTransfer: decline }, ...for2x({ DataTransfer: decline }) },
}
