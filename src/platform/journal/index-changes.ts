// SPDX-License-Identifier: Apache-2.0
/** The statements by which the index is changed. */
import type { IndexDatabase, IndexStatement } from './index-guard.ts'
import { HELD, PRIORITIES } from './row.ts'

export function prepareChanges(database: IndexDatabase) {
  const sql = (text: string): IndexStatement => database.prepare(text)
  const reschedule = (comparison: '<' | '>') => `
    update recipient set due = ? where number in (
      select number from recipient where lane = ? and due ${comparison} ? limit ?)`
  return {
    freePages: sql('pragma freelist_count'),
    position: sql('update journal set position = ?'),
    enterQueue: sql(
      `insert into queue (name, waiting, due) values (?, 1, ?) on conflict (name) do update set
         waiting = waiting + 1, due = min(due, excluded.due) returning id`,
    ),
    countQueue: sql('update queue set waiting = waiting + ?, due = ? where id = ?'),
    dropEmptyQueue: sql('delete from queue where id = ? and waiting = 0'),
    mail: sql('select segment, octets from mail where lsn = ?'),
    addMail: sql('insert into mail values (?, ?, ?, ?, ?)'),
    dropMailOfNobody: sql(
      `delete from mail where lsn = ?
       and not exists (select 1 from recipient where number >= ? and number < ?)`,
    ),
    add: sql('insert or ignore into recipient values (?, ?, ?, ?, ?, ?)'),
    defer: sql(
      'update recipient set due = ?, attempts = ?, attempt = ? where number = ? returning lane',
    ),
    release: sql(
      `update recipient set lane = lane - ${HELD} + ?, due = ?
       where number = ? and lane % ${PRIORITIES} = ${HELD} returning lane`,
    ),
    hold: sql(
      `update recipient set lane = lane - lane % ${PRIORITIES} + ${HELD} where number = ? returning lane`,
    ),
    told: sql('update recipient set delay = null where number = ? and delay is not null'),
    remove: sql('delete from recipient where number = ? returning lane'),
    countOfMail: sql('select count(*) as rows from recipient where number >= ? and number < ?'),
    move: sql('update mail set segment = ?, offset = ? where lsn = ?'),
    rescheduleEarlier: sql(reschedule('<')),
    rescheduleLater: sql(reschedule('>')),
    lastOf: sql(
      `select max(number) as last from (
         select number from recipient where number > ? order by number limit ?)`,
    ),
    hasten: sql(
      `update recipient set due = max(?, due - ?)
       where number > ? and number <= ? and due > ? and (attempts > 0 or due <= ?) returning lane`,
    ),
    countSegment: sql(
      `insert into segment values (?, ?, ?, ?) on conflict (first) do update set
         recipients = recipients + excluded.recipients, octets = octets + excluded.octets,
         keep = max(keep, excluded.keep)`,
    ),
    removeSegment: sql('delete from segment where first = ?'),
    addFile: sql('insert or ignore into file values (?, ?, 0)'),
    releaseFile: sql('update file set keep = max(keep, ?) where mail = ?'),
    removeFile: sql('delete from file where name = ?'),
  }
}
