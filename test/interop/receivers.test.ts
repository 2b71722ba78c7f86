// SPDX-License-Identifier: Apache-2.0
import { testCells } from './cell-tests.ts'
import { receiverPart } from './receiver-table.ts'

await testCells(receiverPart)
