// SPDX-License-Identifier: Apache-2.0
import { testCells } from './cell-tests.ts'
import { clientPart } from './client-table.ts'

await testCells(clientPart)
