// SPDX-License-Identifier: Apache-2.0
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { RunningServer } from '../running-server.ts'
import type { ReceiverPeer } from './receiver.ts'

/** Refuses one recipient, and keeps each message as a file; it writes to another name first. */
const pluginOf = (unknown: string, folder: string): string => `
const { createWriteStream, renameSync } = require('node:fs')
const folder = ${JSON.stringify(folder)}
exports.hook_rcpt = (next, connection, params) =>
  params[0].user === ${JSON.stringify(unknown)}
    ? next(DENY, '5.1.1 No such user')
    : next(OK)
exports.hook_queue = (next, connection) => {
  const { uuid, message_stream } = connection.transaction
  const file = createWriteStream(folder + '/.' + uuid)
  file.once('close', () => {
    renameSync(folder + '/.' + uuid, folder + '/' + uuid)
    next(OK)
  })
  message_stream.pipe(file, { line_endings: '\\r\\n' })
}
`

export const haraka: ReceiverPeer = {
  name: 'Haraka',
  origin: { npm: 'Haraka@3.3.4' },
  async open(unpacked, place) {
    const port = await freePort()
    const clearPort = await freePort()
    const home = unpacked.path('node_modules/Haraka')
    const mail = join(place.folder, 'mail')
    for (const name of ['config', 'plugins', 'queue', 'mail']) mkdirSync(join(place.folder, name))
    const files = {
      me: 'haraka.localhost\n',
      plugins: 'tls\nkeeper\n',
      'smtp.ini': `listen=127.0.0.1:${port},127.0.0.1:${clearPort}\n`,
      'tls.ini': `[main]\nkey=${place.keyFile}\ncert=${place.certificateFile}\nno_starttls_ports[]=${clearPort}\n`,
      'log.ini': '[main]\nlevel=info\n',
    }
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(place.folder, 'config', name), text)
    // Without its sections every connection fails.
    copyFileSync(join(home, 'config/connection.ini'), join(place.folder, 'config/connection.ini'))
    writeFileSync(join(place.folder, 'plugins/keeper.js'), pluginOf(place.unknown, mail))
    const server = await RunningServer.start(place.folder, {
      command: [process.execPath, join(home, 'bin/haraka'), '-c', place.folder],
      environment: { PATH: process.env['PATH'] },
      port: clearPort,
    })
    return {
      port,
      clearPort,
      kept: () =>
        readdirSync(mail)
          .filter((name) => !name.startsWith('.'))
          .map((name) => readFileSync(join(mail, name))),
      gaps: {},
      log: () => server.log(),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  },
}
