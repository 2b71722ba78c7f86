// SPDX-License-Identifier: Apache-2.0
/** The half of the matrix in which others submit to us. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../src/base/errors.ts'
import type { Part } from './availability.ts'
import { type ClientScene, clientColumns } from './client-columns.ts'
import { type Client, type ClientPeer, domainOf, type ModeName, modes } from './clients/client.ts'
import { curl } from './clients/curl.ts'
import { exim } from './clients/exim.ts'
import { msmtp } from './clients/msmtp.ts'
import { nodemailer } from './clients/nodemailer.ts'
import { phpmailer } from './clients/phpmailer.ts'
import { postfix } from './clients/postfix.ts'
import { smtplib } from './clients/smtplib.ts'
import { swaks } from './clients/swaks.ts'
import { type Gap, refuseGap } from './gap.ts'
import { InteropStage } from './interop-stage.ts'
import { type Row, redRow, rowOf, type Table, type Trial } from './matrix.ts'
import type { Unpacked } from './packages.ts'
import { openFolder, removeFolder } from './running-server.ts'
import { WireTap } from './wire-tap.ts'

const clientPeers: readonly ClientPeer[] = [
  swaks,
  msmtp,
  curl,
  postfix,
  exim,
  nodemailer,
  phpmailer,
  smtplib,
]

const columns = Object.keys(clientColumns)

export const clientPart: Part<ClientPeer> = { peers: clientPeers, table: clientTable }

/** `unpackedOf` says where a peer's files are, or why there are none. */
async function clientTable(
  peers: readonly ClientPeer[],
  unpackedOf: (peer: ClientPeer) => Unpacked | string,
): Promise<Table> {
  await using stage = await InteropStage.open({
    domains: (Object.keys(modes) as ModeName[]).map(domainOf),
    sharesTransactions: false,
  })
  const scram = await stage.scramCredential()
  const rows = await Promise.all(
    peers.map((peer) => clientRow({ stage, scram }, peer, unpackedOf(peer))),
  )
  return { title: 'They submit to us', columns, rows }
}

interface Open {
  readonly stage: InteropStage
  readonly scram: { readonly id: string; readonly secret: string }
}

async function clientRow(
  { stage, scram }: Open,
  peer: ClientPeer,
  found: Unpacked | string,
): Promise<Row> {
  if (typeof found === 'string') return redRow(peer.name, columns, found)
  await using owned = new AsyncDisposableStack()
  const folder = await openFolder('client')
  owned.defer(() => removeFolder(folder))
  const certificateFile = join(folder, 'relay.crt')
  copyFileSync(stage.certificateFile, certificateFile)
  const tap = owned.use(await WireTap.open(() => stage.relay.port))
  const secrets: Partial<Record<ModeName, string>> = { wrong: 'wrong', scram: scram.secret }
  let client: Client
  try {
    client = owned.use(
      await peer.open(found, {
        portOf: (mode) => (mode === 'implicit' ? stage.implicitPort : tap.port),
        certificateFile,
        userNameOf: (mode) => (mode === 'scram' ? scram.id : 'application'),
        secretOf: (mode) => secrets[mode] ?? stage.relay.secret,
        folder,
      }),
    )
  } catch (thrown) {
    return redRow(peer.name, columns, messageOf(thrown))
  }
  const trials = Object.entries(clientColumns).map(([column, exercise]): [string, Trial] => {
    const scene = { stage, tap, client, subject: `${peer.name} ${column}` }
    return [column, () => tryOut(scene, exercise, found, peer.gaps[column])]
  })
  return await rowOf(peer.name, new Map(trials))
}

async function tryOut(
  scene: ClientScene,
  exercise: (scene: ClientScene) => Promise<void>,
  found: Unpacked,
  gap: Gap | undefined,
): Promise<void> {
  if (gap !== undefined) return await refuseGap(gap, found)
  scene.tap.forget()
  await exercise(scene)
}
