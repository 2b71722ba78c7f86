// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { controlSocketFile } from '../data-files.ts'
import { contradictions } from './contradictions.ts'
import { parseConfig } from './load-config.ts'

const LONGEST = 107 - '/control.sock'.length

function problemsOf(dataDir: string): readonly string[] {
  const text = 'hostname = "relay.example.com"\ndata_dir = "/var/lib/posthaste"\n'
  const config = { ...parseConfig(text, '/etc/posthaste/posthaste.toml'), dataDir }
  return contradictions(config).map(({ path, text: what }) => `${path.join('.')}: ${what}`)
}

test('A data directory whose control socket could not have its name is refused, with the length that can be', () => {
  assert.deepEqual(problemsOf(`/${'d'.repeat(LONGEST - 1)}`), [])
  assert.deepEqual(problemsOf(`/${'d'.repeat(LONGEST)}`), [
    `data_dir: found a path of ${LONGEST + 1} octets, expected at most ${LONGEST}: the control socket in it could not have its name`,
  ])
})

test('A socket at the longest path that is allowed can be reached', async () => {
  const root = mkdtempSync(join(tmpdir(), 'socket-'))
  const folder = join(root, 'd'.repeat(LONGEST - root.length - 1))
  mkdirSync(folder)
  const server = createServer((socket) => socket.end()).listen(controlSocketFile(folder))
  await once(server, 'listening')
  const socket = connect(controlSocketFile(folder))
  await once(socket, 'connect')
  socket.destroy()
  server.close()
  await once(server, 'close')
  rmSync(root, { recursive: true })
})

test('What recipients reach has a port of its own, and a name with TLS', () => {
  const text = 'hostname = "relay.example.com"\ndata_dir = "/var/lib/posthaste"\n'
  const read = (web: string) =>
    parseConfig(`${text}[web]\n${web}\n`, '/etc/posthaste/posthaste.toml').web
  const url = 'url = "https://links.example.com"'
  assert.throws(
    () => read(`address = "0.0.0.0:8025"\n${url}`),
    /web\.address: port 8025 is taken by operations; expected another port/,
  )
  assert.equal(read(`address = "0.0.0.0:443"\n${url}`)?.url, 'https://links.example.com')
  for (const other of [
    'http://links.example.com',
    'https://192.0.2.1',
    'https://links.example.com/path',
    'https://user@links.example.com',
  ])
    assert.throws(() => read(`address = "0.0.0.0:443"\nurl = "${other}"`), /web\.url/)
})

test('A proxy that could not be told from where to call, or logs in by half, is refused', () => {
  const read = (proxy: string) => {
    const text = 'hostname = "relay.example.com"\ndata_dir = "/d"\n[[source]]\nname = "out"\n'
    return parseConfig(`${text}proxy = { address = "10.0.0.9:1080", ${proxy} }\n`, '/p.toml')
  }
  assert.equal(read('protocol = "socks5"').sources[0]?.proxy?.protocol, 'socks5')
  assert.throws(() => read('protocol = "proxy-v2"'), /names proxy-v2 and no public_address/)
  assert.throws(() => read('protocol = "socks5", user = "a"'), /user and password_file together/)
})
