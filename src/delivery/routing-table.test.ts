// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDomain } from '../protocol/mailbox.ts'
import { FixedRoutes } from './routing-table.ts'

function portFor(routes: FixedRoutes, text: string): number | undefined {
  const domain = parseDomain(text)
  assert.ok(domain)
  return routes.find(domain)?.port
}

test('the route that fits best wins: exact, then the longest suffix, then any', () => {
  const host = 'relay.example'
  const routes = new FixedRoutes([
    { domain: '*', host, port: 1 },
    { domain: '*.example.org', host, port: 2 },
    { domain: '*.shop.Example.org', host, port: 3 },
    { domain: 'example.org', host, port: 4 },
    { domain: 'example.org', host, port: 5 },
  ])
  const ports = {
    'example.org': 4,
    'a.example.org': 2,
    'shop.example.org': 2,
    'a.b.shop.example.org': 3,
    'notexample.org': 1,
    '[192.0.2.1]': 1,
  }
  for (const [domain, port] of Object.entries(ports)) assert.equal(portFor(routes, domain), port)
})

test('a suffix does not fit the domain itself, and without routes nothing fits', () => {
  const routes = new FixedRoutes([{ domain: '*.example.org', host: 'relay.example', port: 25 }])
  assert.equal(portFor(routes, 'example.org'), undefined)
  assert.equal(portFor(new FixedRoutes([]), 'example.org'), undefined)
})
