// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from './config/load-config.ts'
import { openFileShares } from './open-files.ts'
import { systemAdvice } from './system-advice.ts'
import { readSystemFacts } from './system-facts.ts'

const config = parseConfig(
  `hostname = "relay.example.com"
data_dir = "/var/lib/posthaste"
[[listener]]
name = "in"
addresses = ["127.0.0.1:2525"]
max_sessions = 1000
[delivery]
max_connections = 700
`,
  '/etc/posthaste/posthaste.toml',
)
const generous = { openFiles: 65_536, somaxconn: 4_096, handsOver: true }

test('A system that allows all gets no advice', () => {
  assert.deepEqual(systemAdvice(config, 4, generous), [])
  const unknown = { openFiles: null, somaxconn: null, handsOver: null }
  assert.deepEqual(systemAdvice(config, 1, unknown), [])
})

test('Too few open files are said with the numbers and what to set', () => {
  assert.deepEqual(systemAdvice(config, 1, { ...generous, openFiles: 1_150 }), [
    'a process may have 1150 files open, 2000 would serve all sessions and connections that are configured: there will be 50 % of them; "LimitNOFILE=2000" in the systemd unit gives all',
  ])
  assert.deepEqual(systemAdvice(config, 1, { ...generous, openFiles: 2_000 }), [])
})

test('Each of several workers needs files for its own sessions only', () => {
  assert.equal(openFileShares(config, 1, null).wanted, 2_000)
  assert.equal(openFileShares(config, 10, null).wanted, 1_100)
})

test('However few files there are, half of them are left for the journal and all else', () => {
  assert.equal(openFileShares(config, 1, 340).scale * 1_700, 170)
  assert.equal(openFileShares(config, 1, 340).spareCalls, 34)
  assert.equal(openFileShares(config, 1, null).spareCalls, 60)
})

test('A kernel that resets or refuses waiting connections is named with its setting', () => {
  const [backlog, handOver, ...more] = systemAdvice(config, 2, {
    ...generous,
    somaxconn: 128,
    handsOver: false,
  })
  assert.match(backlog ?? '', /keeps 128 connections .* "sysctl net\.core\.somaxconn=4096"/)
  assert.match(handOver ?? '', /"sysctl net\.ipv4\.tcp_migrate_req=1"/)
  assert.deepEqual(more, [])
  assert.deepEqual(systemAdvice(config, 1, { ...generous, handsOver: false }), [])
})

test('Linux says how many files may be open', { skip: process.platform !== 'linux' }, () => {
  const { openFiles, somaxconn } = readSystemFacts()
  assert.ok(openFiles !== null && openFiles > 0)
  assert.ok(somaxconn !== null && somaxconn > 0)
})
