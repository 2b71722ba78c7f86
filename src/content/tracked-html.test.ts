// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { LinkTracker } from './link-tracker.ts'
import { trackHtml } from './tracked-html.ts'

const tracker: LinkTracker = {
  link: (target) => `https://l.example/${Buffer.from(target).toString('base64url')}`,
  pixel: 'https://l.example/o.gif',
  isExempt: ({ hostname }) => hostname === 'l.example',
}
const options = { tracker, wantsPixel: true, linksLeft: 100, waysOut: new Set<string>() }
const PICTURE =
  '\r\n<img src="https://l.example/o.gif" width="1" height="1" alt="" style="border:0">\r\n'

/** Where its links lead that were changed. */
function targets(html: string, more: object = {}): readonly string[] {
  const { html: changed } = trackHtml(html, { ...options, ...more }) ?? { html }
  return [...changed.matchAll(/"https:\/\/l\.example\/([\w-]+)"/g)].map(([, text = '']) =>
    Buffer.from(text, 'base64url').toString(),
  )
}

describe('Links of an HTML text', () => {
  it('lead over us, however they are written', () => {
    for (const html of [
      '<a href="https://a.example/?x=1&amp;y=2">',
      "<A\nclass=b HREF = 'https://a.example/?x=1&y=2' >",
      '<a href=https://a.example/?x=1&#38;y=2>',
      '<area shape="rect" href=" https://a.example/?x=1&#x26;y=2 "/>',
      '<!-- <a href="https://no.example/"> --><a href="https://a.example/?x=1&amp;y=2">',
      '<!--[if !mso]><!--><a href="https://a.example/?x=1&amp;y=2"><!--<![endif]-->',
      '<style>a:after{content:"<a href=https://no.example/>"}</style><a href="https://a.example/?x=1&y=2">',
      '<a href="https://a.example/?x=1&y=2" href="https://no.example/">',
    ])
      assert.deepEqual(targets(html), ['https://a.example/?x=1&y=2'], html)
  })

  it('stay where a browser would not follow them over the web, or somebody wants them to', () => {
    for (const html of [
      '<a href="mailto:ann@example.net">',
      '<a href="#top">',
      '<a href="/path">',
      '<a href="//a.example/">',
      '<a href="javascript:alert(1)">',
      '<a href="tel:+123">',
      '<a name="https://a.example/">',
      '<link href="https://a.example/style.css">',
      '<a href="https://a.example/" data-posthaste-track="off">',
      '<a href="https://a.example/unsubscribe?u=1">',
      '<a href="https://a.example/OptOut">',
      '<a rel="nofollow unsubscribe" href="https://a.example/bye">',
      '<a href="https://l.example/u/word">',
      '<a href="https://user:secret@a.example/">',
      '<a href="https://a.example/&unknown;">',
      '<a href="https://a.example/\u00e4">',
      '<a href="https://a.example/a b">',
      '<a href="https://a.example/\r\nx">',
      '<a href="https://">',
      `<a href="https://a.example/${'x'.repeat(600)}">`,
      '<script>document.write("<a href=https://a.example/>")</script>',
      '<title><a href="https://a.example/"></title>',
      '<!-- <a href="https://a.example/">',
      '<a href="https://a.example/',
    ])
      assert.deepEqual(targets(html), [], html)
    const waysOut = new Set(['https://a.example/bye'])
    assert.deepEqual(targets('<a href="https://a.example/bye">', { waysOut }), [])
    assert.deepEqual(targets('<a href="https://a.example/">', { linksLeft: 0 }), [])
  })

  it('are never longer lines than they were, or than a link of ours', () => {
    const html = `<p ${'x'.repeat(900)}><a href="https://a.example/">${'y'.repeat(900)}</a>`
    const { html: changed } = trackHtml(html, options) ?? { html: '' }
    assert.ok(changed.split('\r\n').every((line) => line.length < 998))
  })
})

describe('The picture', () => {
  const pixel = { ...tracker, link: null }
  const shown = (html: string) => trackHtml(html, { ...options, tracker: pixel })?.html

  it('stands at the end of the body, or of the text', () => {
    assert.equal(shown('<body>Hi</BODY ></html>'), `<body>Hi${PICTURE}</BODY ></html>`)
    assert.equal(shown('<b>Hi</b>'), `<b>Hi</b>${PICTURE}`)
    assert.equal(shown('Hi<!-- </body> -->'), `Hi<!-- </body> -->${PICTURE}`)
  })

  it('is not put where it would be part of something that has no end', () => {
    assert.equal(shown('Hi<!-- never closed'), undefined)
    assert.equal(shown('Hi<script>x'), undefined)
    assert.equal(trackHtml('Hi', { ...options, wantsPixel: false }), null)
  })
})

describe('Whatever the text is', () => {
  it('nothing is lost of it, and it takes no time', () => {
    const piece = fc.constantFrom(
      ...['<a ', 'href=', '"', "'", '>', '</a>', '<!--', '-->', '<!-->', '<style>', '</style', '='],
      ...['https://a.example/', '&amp;', '&', ';', '/', ' ', '\r\n', '</body>', 'x', '<', '\u00e9'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const html = pieces.join('')
        const changed = trackHtml(html, options)?.html ?? html
        // What we put in taken out again, and each value with its quotes.
        const without = changed
          .replaceAll(PICTURE, '')
          .replaceAll(/\r\n"https:\/\/l\.example\/[\w-]+"\r\n /g, '\0')
        let at = 0
        for (const part of without.split('\0')) {
          const found = html.indexOf(part, at)
          assert.notEqual(found, -1)
          at = found + part.length
        }
      }),
      { numRuns: 2_000 },
    )
    for (const html of ['<a '.repeat(50_000), '<!--'.repeat(50_000), '<a b="'.repeat(50_000)])
      assert.equal(trackHtml(html, options), null)
  })
})
