// SPDX-License-Identifier: Apache-2.0
/** The shop's HTML, as such mail looks: tables, inline styles, links, some letters beyond ASCII. */
import type { Random } from '../src/base/random.ts'
import { SHOP_DOMAIN } from './providers.ts'

const GOODS = [
  ['Linen sheet, natural', 89],
  ['Pillow case, sea green', 24],
  ['Wool blanket “Åre”', 129],
  ['Kitchen towel, set of 3', 19],
  ['Table runner, walnut', 35],
  ['Café curtain, 140 cm', 42],
] as const

const LONGEST_ORDER = 4

/** A receipt with a few lines, and what it comes to. */
export function receiptHtml(
  name: string,
  order: number,
  random: Random,
): { readonly html: string; readonly total: string } {
  const count = 1 + Math.floor(random.fraction() * LONGEST_ORDER)
  const lines = Array.from(
    { length: count },
    () => GOODS[Math.floor(random.fraction() * GOODS.length)] ?? GOODS[0],
  )
  const total = euros(lines.reduce((sum, [, price]) => sum + price, 0))
  const rows = lines
    .map(
      ([what, price]) =>
        `<tr><td style="${CELL}">${what}</td><td style="${CELL};text-align:right">${euros(price)}</td></tr>`,
    )
    .join('\n')
  const html = page(
    `Thank you, ${name}`,
    `<p style="${TEXT}">We have your order <b>${order}</b> and pack it today.</p>
<table width="100%" cellpadding="0" cellspacing="0">
${rows}
<tr><td style="${CELL};font-weight:bold">Total</td><td style="${CELL};text-align:right;font-weight:bold">${total}</td></tr>
</table>
<p style="${TEXT}"><a href="https://${SHOP_DOMAIN}/orders/${order}" style="color:#2d5a3d">Where is my parcel?</a></p>`,
  )
  return { html, total }
}

export function campaignHtml(name: string, unsubscribe: string): string {
  const goods = GOODS.map(
    ([what, price]) => `<tr>
<td style="${CELL}" width="120"><a href="https://${SHOP_DOMAIN}/spring/${encodeURIComponent(what)}">
<img src="https://img.${SHOP_DOMAIN}/${encodeURIComponent(what)}.jpg" width="120" height="90" alt="${what}" border="0"></a></td>
<td style="${CELL}"><b>${what}</b><br><s>${euros(price)}</s> <span style="color:#a33">${euros(price * 0.8)}</span></td></tr>`,
  ).join('\n')
  return page(
    'Spring is here',
    `<p style="${TEXT}">Dear ${name}, as a member you save 20&nbsp;% on everything that smells of spring, until Sunday.</p>
<table width="100%" cellpadding="0" cellspacing="0">
${goods}
</table>
<p style="${TEXT};font-size:12px;color:#777">The Linen Shop, Hauptstraße 1, Berlin ·
<a href="${unsubscribe}" style="color:#777">No more of these, please</a></p>`,
  )
}

const TEXT = 'font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:24px;color:#333'
const CELL = `${TEXT};padding:8px 0;border-bottom:1px solid #ddd`

function page(heading: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${heading}</title></head>
<body style="margin:0;background:#f4f1ea">
<table align="center" width="600" cellpadding="24" cellspacing="0" style="background:#fff">
<tr><td><h1 style="${TEXT};font-size:24px;color:#2d5a3d">${heading}</h1>
${body}
</td></tr></table>
</body></html>
`
}

function euros(amount: number): string {
  return `€ ${amount.toFixed(2)}`
}
