// SPDX-License-Identifier: Apache-2.0
import { balancerPart } from './balancer-table.ts'
import { testCells } from './cell-tests.ts'

await testCells(balancerPart)
