// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fastify } from 'fastify'
import { type ApiPlace, listenOn } from './listen.ts'

test('A listener goes on after a connection that could not be taken', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'posthaste-listen-'))
  const places: readonly ApiPlace[] = [
    { kind: 'address', host: '127.0.0.1', port: 0, sharesPort: false },
    { kind: 'socket', path: join(folder.path, 'api.sock') },
  ]
  for (const place of places) {
    const app = fastify({ forceCloseConnections: true })
    await listenOn(app, 'api.address', place)
    app.server.emit('error', new Error('accept EMFILE'))
    assert.ok(app.server.listening)
    await app.close()
  }
})
