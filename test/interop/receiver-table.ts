// SPDX-License-Identifier: Apache-2.0
/** The half of the matrix in which we deliver to others. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../../src/base/errors.ts'
import { routeTo } from '../support/relay-config.ts'
import { startSink } from '../support/running-sink.ts'
import { sinkCertificate } from '../support/sink-certificate.ts'
import type { Part } from './availability.ts'
import { refuseGap } from './gap.ts'
import { InteropStage } from './interop-stage.ts'
import { type Row, redRow, rowOf, type Table, type Trial } from './matrix.ts'
import type { Unpacked } from './packages.ts'
import { type ReceiverScene, receiverColumns } from './receiver-columns.ts'
import { exim } from './receivers/exim.ts'
import { haraka } from './receivers/haraka.ts'
import { openSmtpd } from './receivers/opensmtpd.ts'
import { postfix } from './receivers/postfix.ts'
import type { Place, Receiver, ReceiverPeer } from './receivers/receiver.ts'
import { smtpSink } from './receivers/smtp-sink.ts'
import { openFolder, removeFolder } from './running-server.ts'

const receiverPeers: readonly ReceiverPeer[] = [postfix, exim, openSmtpd, haraka, smtpSink]

const columns = Object.keys(receiverColumns)
const UNKNOWN = 'nobody'

interface Started {
  readonly peer: ReceiverPeer
  readonly unpacked: Unpacked
  readonly receiver: Receiver
}

export const receiverPart: Part<ReceiverPeer> = { peers: receiverPeers, table: receiverTable }

/** `unpackedOf` says where a peer's files are, or why there are none. */
async function receiverTable(
  peers: readonly ReceiverPeer[],
  unpackedOf: (peer: ReceiverPeer) => Unpacked | string,
): Promise<Table> {
  await using owned = new AsyncDisposableStack()
  const store = owned.use(await startSink())
  const found = await Promise.all(
    peers.map(async (peer): Promise<Started | Row> => {
      const unpacked = unpackedOf(peer)
      if (typeof unpacked === 'string') return redRow(peer.name, columns, unpacked)
      const folder = await openFolder('receiver')
      owned.defer(() => removeFolder(folder))
      try {
        const receiver = await peer.open(unpacked, placeOf(peer, folder, store.port))
        return { peer, unpacked, receiver: owned.use(receiver) }
      } catch (thrown) {
        return redRow(peer.name, columns, messageOf(thrown))
      }
    }),
  )
  const started = found.filter((one): one is Started => 'receiver' in one)
  const routes = started.map(({ peer, receiver }) => {
    const { domain, clearDomain } = domainsOf(peer)
    return routeTo(receiver.port, domain) + routeTo(receiver.clearPort, clearDomain)
  })
  const stage = owned.use(
    await InteropStage.open({ config: routes.join(''), domains: [], sharesTransactions: true }),
  )
  const rows = await Promise.all(
    found.map((one) => {
      if (!('receiver' in one)) return one
      const { peer, receiver } = one
      const trials = Object.entries(receiverColumns).map(([column, exercise]): [string, Trial] => {
        const subject = `${peer.name} ${column}`
        const scene = { stage, receiver, store, ...domainsOf(peer), unknown: UNKNOWN, subject }
        return [column, () => tryOut(scene, exercise, one, column)]
      })
      return rowOf(peer.name, new Map(trials))
    }),
  )
  return { title: 'We deliver to them', columns, rows }
}

async function tryOut(
  scene: ReceiverScene,
  exercise: (scene: ReceiverScene) => Promise<void>,
  { unpacked, receiver }: Started,
  column: string,
): Promise<void> {
  const gap = receiver.gaps[column]
  if (gap !== undefined) return await refuseGap(gap, unpacked)
  try {
    await exercise(scene)
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name !== 'NotSpoken')
      thrown.message += `\n${receiver.log().slice(-2_000)}`
    throw thrown
  }
}

function domainsOf({ name }: ReceiverPeer): { domain: string; clearDomain: string } {
  const domain = `${name.toLowerCase()}.example`
  return { domain, clearDomain: `clear.${domain}` }
}

function placeOf(peer: ReceiverPeer, folder: string, storePort: number): Place {
  const certificateFile = join(folder, 'peer.crt')
  const keyFile = join(folder, 'peer.key')
  writeFileSync(certificateFile, sinkCertificate.cert)
  writeFileSync(keyFile, sinkCertificate.key, { mode: 0o600 })
  const { domain, clearDomain } = domainsOf(peer)
  return {
    domains: [domain, clearDomain],
    unknown: UNKNOWN,
    storePort,
    certificateFile,
    keyFile,
    folder,
  }
}
