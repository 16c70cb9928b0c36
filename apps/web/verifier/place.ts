// Where a session took place, by what stands beside its records. Nobody signed that; whoever shows it says so.
import type { SessionReport } from '../../../src/transparency/index.ts'

export interface Place {
  /** One line, as it was written; empty where only coordinates stand there. */
  readonly address: string
  /** RFC 5870, `geo:52.5,13.4`. */
  readonly geo?: string
}

/** The last part of a detail's name (`placeInfo.address.zipCode`), in the order of an address. */
const ADDRESS = ['address', 'street', 'housenumber', 'zip', 'zipcode', 'postalcode', 'city', 'town', 'country', 'evseid'] as const
const LATITUDE = ['lat', 'latitude'] as const
const LONGITUDE = ['lon', 'lng', 'long', 'longitude'] as const

/** By the first record that says something of it. */
export const placeOf = ({ records }: SessionReport): Place | undefined => {
  for (const { unsigned = [] } of records) {
    const said = new Map(unsigned.map(({ name, value }) => [plain(name), value.trim()]))
    const first = (names: readonly string[]): string | undefined => names.map((name) => said.get(name)).find((value) => value !== undefined)
    const address = [...new Set(ADDRESS.flatMap((name) => said.get(name) || []))].join(' ')
    const [latitude, longitude] = [first(LATITUDE), first(LONGITUDE)]
    const geo = isDegrees(latitude) && isDegrees(longitude) ? `geo:${latitude},${longitude}` : undefined
    if (address !== '' || geo !== undefined) return { address, ...(geo !== undefined && { geo }) }
  }
  return undefined
}

const plain = (name: string): string => (name.split('.').at(-1) ?? '').replaceAll(/[^a-zA-Z]/g, '').toLowerCase()

const isDegrees = (text: string | undefined): boolean => text !== undefined && /^-?\d{1,3}(\.\d{1,12})?$/.test(text)
