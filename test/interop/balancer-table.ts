// SPDX-License-Identifier: Apache-2.0
/** The part of the matrix in which others stand between clients and our listener. */
import { makeCertificate } from '../../src/app/self-signed-certificate.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { messageOf } from '../../src/base/errors.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { skipWithoutIpv6 } from '../support/ipv6.ts'
import { MemoryAcceptor } from '../support/memory-acceptor.ts'
import { type ListenerSettings, LOOPBACK, RunningListener } from '../support/running-listener.ts'
import type { Part } from './availability.ts'
import { type BalancerScene, balancerColumns, CLIENT } from './balancer-columns.ts'
import type { Balancer, BalancerPeer } from './balancers/balancer.ts'
import { haproxy } from './balancers/haproxy.ts'
import { nginx } from './balancers/nginx.ts'
import { refuseGap } from './gap.ts'
import { type Row, redRow, rowOf, type Table, type Trial } from './matrix.ts'
import type { Unpacked } from './packages.ts'
import { openFolder, removeFolder } from './running-server.ts'

const columns = Object.keys(balancerColumns)
const CHECK_SENDER = 'check@shop.example'

export const balancerPart: Part<BalancerPeer> = { peers: [haproxy, nginx], table: balancerTable }

/** `unpackedOf` says where a peer's files are, or why there are none. */
async function balancerTable(
  peers: readonly BalancerPeer[],
  unpackedOf: (peer: BalancerPeer) => Unpacked | string,
): Promise<Table> {
  const rows = await Promise.all(peers.map((peer) => balancerRow(peer, unpackedOf(peer))))
  return { title: 'They stand before us', columns, rows }
}

async function balancerRow(peer: BalancerPeer, found: Unpacked | string): Promise<Row> {
  if (typeof found === 'string') return redRow(peer.name, columns, found)
  await using owned = new AsyncDisposableStack()
  const folder = await openFolder('balancer')
  owned.defer(() => removeFolder(folder))
  const acceptor = new MemoryAcceptor()
  for (const address of ['127.0.0.1', CLIENT, '::1']) acceptor.trustedAddresses.add(address)
  const listen = async (settings: ListenerSettings) =>
    owned.use(await RunningListener.start({ acceptor, ...settings })).port
  const proxies = [LOOPBACK]
  let balancer: Balancer
  try {
    const certificate = await makeCertificate(
      { commonName: 'relay.example' },
      new SystemClock(),
      new SystemRandom(),
    )
    const behind = {
      port: await listen({ proxies, certificate }),
      implicitPort: await listen({ proxies, certificate, isImplicitTls: true }),
      claimsPort: await listen({ claimants: [LOOPBACK] }),
      checkSender: CHECK_SENDER,
      folder,
    }
    balancer = owned.use(await peer.open(found, behind, !skipWithoutIpv6))
  } catch (thrown) {
    return redRow(peer.name, columns, messageOf(thrown))
  }
  const trials = Object.entries(balancerColumns).map(([column, exercise]): [string, Trial] => {
    const sender = `${column.replaceAll(' ', '-')}@shop.example`
    const scene = { balancer, acceptor, sender, checkSender: CHECK_SENDER }
    return [column, () => tryOut(scene, exercise, { peer, unpacked: found, column })]
  })
  return await rowOf(peer.name, new Map(trials))
}

async function tryOut(
  scene: BalancerScene,
  exercise: (scene: BalancerScene) => Promise<void>,
  cell: { readonly peer: BalancerPeer; readonly unpacked: Unpacked; readonly column: string },
): Promise<void> {
  const gap = cell.peer.gaps[cell.column]
  if (gap !== undefined) return await refuseGap(gap, cell.unpacked)
  try {
    await exercise(scene)
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name !== 'NotSpoken')
      thrown.message += `\n${scene.balancer.log().slice(-2_000)}`
    throw thrown
  }
}
