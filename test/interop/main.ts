// SPDX-License-Identifier: Apache-2.0
/**
 * `npm run interop`: fetches the programs of other people, tries them against the relay, and prints who gets on with us at what.
 * Fails where a cell is red.
 */
import { programOptions } from '../support/program-options.ts'
import { filledTable, found, type Part, type Peer } from './availability.ts'
import { balancerPart } from './balancer-table.ts'
import { clientPart } from './client-table.ts'
import { redCells, type Table } from './matrix.ts'
import { printedTable } from './printed-table.ts'
import { receiverPart } from './receiver-table.ts'

const values = programOptions(
  `Usage: npm run interop -- [options]
  --only <name,name>    these programs alone
  --fetch               only fetches them
  --json                the tables as JSON`,
  {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    fetch: { type: 'boolean', default: false },
  },
)

const wanted = values.only?.toLowerCase().split(',')

function chosen<P extends Peer>(part: Part<P>): Part<P> {
  const isWanted = ({ name }: P) => wanted?.includes(name.toLowerCase()) ?? true
  return { ...part, peers: part.peers.filter(isWanted) }
}

async function tableOf<P extends Peer>(part: Part<P>): Promise<Table[]> {
  const { peers } = chosen(part)
  if (peers.length === 0) return []
  return [(await filledTable({ ...part, peers }, true)).table]
}

if (values.fetch) {
  const peers: readonly Peer[] = [
    ...chosen(clientPart).peers,
    ...chosen(receiverPart).peers,
    ...chosen(balancerPart).peers,
  ]
  for (const [{ name }, files] of await found(peers, true)) {
    if (typeof files !== 'string') continue
    console.error(`interop: ${name}: ${files}`)
    process.exitCode = 1
  }
} else {
  const tables = [
    ...(await tableOf(clientPart)),
    ...(await tableOf(receiverPart)),
    ...(await tableOf(balancerPart)),
  ]
  if (values.json) console.log(JSON.stringify(tables.map(plain), null, 2))
  else for (const table of tables) console.log(`${printedTable(table)}\n`)
  if (tables.some((table) => redCells(table).length > 0)) process.exitCode = 1
}

function plain({ title, rows }: Table): object {
  const cells = rows.map(({ peer, cells }) => ({ peer, ...Object.fromEntries(cells) }))
  return { title, rows: cells }
}
