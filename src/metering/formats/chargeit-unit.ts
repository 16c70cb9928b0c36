// The name of a unit as chargeIT's JSON writes it beside the signed code: another program may show the name.

/** What is wrong where a reading of energy is said to be in another unit than Wh, which is the one that is signed. */
export const unitProblem = (name: string, unit: string | undefined): string[] =>
  unit === undefined || WATT_HOURS.test(unit) ? [] : [`the unit beside ${name} is ${unit.slice(0, 20)}, and Wh is signed`]

const WATT_HOURS = /^\s*(?:watt[_ ]?hours?|wh)?\s*$/i
