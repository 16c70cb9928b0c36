// The two string formats that the OCPP schemas name, checked strictly. Whether a date makes sense in its place is not known here.

/**
 * RFC 3339 §5.6 date-time with its zone, in capitals as ISO 8601 wants it for OCPP 1.6. Second 60 is refused: no leap second is planned,
 * and what a Date cannot hold must not get as far as one.
 */
export const isDateTime = (text: string): boolean => {
  if (!DATE_TIME.test(text)) return false
  const day = Number(text.slice(8, 10))
  // most days are in every month
  return day <= 28 || day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
}

/** An absolute URI: a scheme and something after it, of the characters RFC 3986 §2 allows. */
export const isUri = (text: string): boolean => URI.test(text)

const DATE_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/

const daysIn = (year: number, month: number): number => {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
