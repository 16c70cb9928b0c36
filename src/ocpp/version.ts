// The OCPP versions spoken, by the name of their WebSocket subprotocol (OCPP 2.1 Part 4 §3.1.2).

export const VERSIONS = ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'] as const
export type Version = (typeof VERSIONS)[number]

export const isVersion = (name: unknown): name is Version => VERSIONS.includes(name as Version)
