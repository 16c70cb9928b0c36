// What every page is held to, asked of a page in a browser. Scripts for the page are text here: this project's tests know no DOM types.
import type { Page } from 'playwright-core'

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 1.4.3). Drawings have backgrounds of their own and are left out. */
export const FAINT = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const paint = (colours) => {
    canvas.clearRect(0, 0, 1, 1)
    for (const colour of colours) {
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const light = (rgb) => {
    const [r, g, b] = rgb.map((each) => (each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (element) => (element === null ? [] : [...behind(element.parentElement), getComputedStyle(element).backgroundColor])
  return [...document.querySelectorAll('body *')]
    .filter((element) => !element.closest('svg, option') && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    .map((element) => {
      const ground = behind(element)
      const [a, b] = [light(paint([...ground, getComputedStyle(element).color])), light(paint(ground))].sort((x, y) => y - x)
      return { element, ratio: (a + 0.05) / (b + 0.05) }
    })
    .filter(({ ratio }) => ratio < 4.5)
    .map(({ element, ratio }) => ratio.toFixed(2) + ' ' + element.outerHTML.slice(0, 120))
})()`

/** Controls without a name that a screen reader could say. */
export const nameless = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`
    [...document.querySelectorAll('a, button, input, select, textarea, summary, [tabindex="0"]')]
      .filter((element) => (element.getAttribute('aria-label') ?? element.closest('label')?.textContent ?? element.textContent).trim() === '')
      .map((element) => element.outerHTML)`)
