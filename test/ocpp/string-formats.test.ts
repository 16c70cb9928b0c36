import { describe, expect, it } from 'vitest'
import { isDateTime, isUri } from '../../src/ocpp/string-formats.ts'

describe('date-time', () => {
  it.each([
    '2017-10-27T19:10:11Z',
    '2017-10-27T19:10:11.1Z',
    '2017-10-27T19:10:11.123456789+02:00',
    '2024-02-29T23:59:59-12:30',
    '2000-02-29T00:00:00Z',
    '1970-01-01T00:00:00Z',
  ])('takes %s, and a Date can hold it', (text) => {
    expect(isDateTime(text)).toBe(true)
    expect(Date.parse(text)).not.toBeNaN()
  })

  it.each([
    '222222017-10-27T19:10:11Z',
    '1000000',
    '',
    '2017-10-27',
    '2017-10-27T19:10:11',
    '2017-10-27 19:10:11Z',
    '2017-10-27t19:10:11z',
    '2017-10-27T19:10Z',
    '2017-10-27T19:10:11.Z',
    '2017-10-27T19:10:11+0200',
    '2017-10-27T19:10:11+24:00',
    '2017-10-27T24:00:00Z',
    '2017-10-27T19:60:00Z',
    '2016-12-31T23:59:60Z',
    '2017-13-01T00:00:00Z',
    '2017-00-01T00:00:00Z',
    '2017-04-31T00:00:00Z',
    '2017-01-00T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '1900-02-29T00:00:00Z',
    '2017-10-27T19:10:11Z\n',
    ' 2017-10-27T19:10:11Z',
    '٢٠١٧-10-27T19:10:11Z',
  ])('refuses %j', (text) => {
    expect(isDateTime(text)).toBe(false)
  })
})

describe('uri', () => {
  it.each(['ftp://user:pw@host/path', 'https://[::1]:8080/a?b=c#d', 'urn:x:y', 'http://host/%20'])('takes %s', (text) => {
    expect(isUri(text)).toBe(true)
  })

  it.each(['', 'host/path', '//host', 'http:', '1http://x', 'http://a b', 'http://a\n', 'http://ä', 'http://a/%2', 'http://a/<b>'])(
    'refuses %j',
    (text) => {
      expect(isUri(text)).toBe(false)
    },
  )
})
