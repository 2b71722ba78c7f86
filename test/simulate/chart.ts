// SPDX-License-Identifier: Apache-2.0
/** Charts of lines as SVG, the same for the same figures. */

export interface Line {
  readonly name: string
  readonly colour: string
  /** One for each day, from the first; `null`: none. */
  readonly values: readonly (number | null)[]
}

export interface Chart {
  readonly title: string
  readonly xTitle: string
  readonly yTitle: string
  readonly lines: readonly Line[]
  /** Powers of ten, from the first that is given; else evenly from 0. */
  readonly scale: 'log' | 'linear'
  readonly least: number
  readonly most: number
}

const [WIDTH, HEIGHT] = [760, 360]
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 150, 34, 44]

export function svgOf(chart: Chart): string {
  const { lines, title, xTitle, yTitle } = chart
  const days = Math.max(...lines.map(({ values }) => values.length))
  const x = (day: number) => LEFT + ((day - 1) / Math.max(1, days - 1)) * (WIDTH - LEFT - RIGHT)
  const y = (value: number) => TOP + (1 - heightOf(value, chart)) * (HEIGHT - TOP - BOTTOM)
  const ends = endsOf(lines, y)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(LEFT, 20, title, 'start', '#222', 'bold'),
    ...ticksOf(chart).flatMap((tick) => [
      `<path d="M${LEFT} ${round(y(tick))}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      text(LEFT - 6, y(tick) + 4, label(tick), 'end'),
    ]),
    ...daysOf(days).map((day) => text(x(day), HEIGHT - BOTTOM + 18, String(day), 'middle')),
    text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, xTitle, 'middle'),
    `<text transform="translate(14 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#555">${yTitle}</text>`,
    ...lines.flatMap(({ colour, name, values }, at) => [
      `<path d="${pathOf(values, x, y, chart)}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      text(WIDTH - RIGHT + 8, (ends[at] ?? 0) + 4, name, 'start', colour, 'bold'),
    ]),
    '</svg>',
    '',
  ].join('\n')
}

function pathOf(
  values: Line['values'],
  x: (day: number) => number,
  y: (value: number) => number,
  { least, scale }: Chart,
): string {
  let isDown = false
  return values
    .map((value, at) => {
      if (value === null) {
        isDown = false
        return ''
      }
      const step = `${isDown ? 'L' : 'M'}${round(x(at + 1))} ${round(y(scale === 'log' ? Math.max(least, value) : value))}`
      isDown = true
      return step
    })
    .join('')
}

/** Where names stand: beside the ends of their lines, and not on each other. */
function endsOf(lines: readonly Line[], y: (value: number) => number): readonly number[] {
  const wanted = lines.map(({ values }, at) => ({
    at,
    y: y(values.findLast((value) => value !== null) ?? 0),
  }))
  let last = TOP - 16
  const placed: number[] = []
  for (const each of wanted.toSorted((one, other) => one.y - other.y)) {
    last = Math.max(each.y, last + 16)
    placed[each.at] = Math.min(HEIGHT, last)
  }
  return placed
}

function heightOf(value: number, { least, most, scale }: Chart): number {
  if (scale === 'linear') return (value - least) / (most - least)
  const log = Math.log10(Math.max(least, value))
  return (log - Math.log10(least)) / (Math.log10(most) - Math.log10(least))
}

function ticksOf({ least, most, scale }: Chart): readonly number[] {
  if (scale === 'linear')
    return Array.from({ length: 6 }, (_, at) => least + (at * (most - least)) / 5)
  const ticks: number[] = []
  for (let tick = least; tick <= most; tick *= 10) ticks.push(tick)
  return ticks
}

function daysOf(days: number): readonly number[] {
  const step = days > 30 ? 10 : 5
  return [1, ...Array.from({ length: Math.floor(days / step) }, (_, at) => (at + 1) * step)]
}

function label(tick: number): string {
  return tick.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

function text(
  x: number,
  y: number,
  words: string,
  anchor: string,
  colour = '#555',
  weight = 'normal',
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${colour}" font-weight="${weight}">${words}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
