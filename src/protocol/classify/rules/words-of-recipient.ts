// SPDX-License-Identifier: Apache-2.0
/** Words about the recipient: full, closed, moved, not there, not for everybody. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfRecipient: readonly PhraseRule[] = [
  {
    name: 'mailbox-full',
    class: 'mailbox-full',
    says: phrases(`
      {mailbox,mail box,inbox,mailfolder,mail folder,maildir,account,user,recipient} {is ,too ,}full
      *mailbox full | mailbox + is full | full mailbox | full inbox | mailbox + {nearly,almost} full
      {over,overdrawn,over-,over his ,over her ,over their ,over its ,over the ,over disk ,over mail }quota
      {over,above,at} {quota,storage,allowed quota,the allowed quota,limit on storage}
      overquota | overdrawn mailbox | is overquota | *quota + exceed* | exceed* + quota
      quotaexceeded* | quota {full,violation,reached,used up,usage,limit} | reached + quota
      {disk,disc,mail,user,storage,mailbox,recipient,folder} quota | out of quota | outside quota
      {mailbox,inbox,account,user} {has ,}exceed{ed,s} | {mailbox,inbox} {is ,}over | mailbox + {size,storage} limit
      mailbox + {limit,allowed storage,local limit} + exceed* | exceed* + mailbox {quota,limit,size,storage}
      would exceed + {mailbox,storage,quota} | size of + mailbox exceeds | exceeded + mailbox
      {exceeded,exceeding,exceeds,out of,over} {its ,their ,the ,}{storage,disk space,disk quota,storage space}
      storage {allocation,quota,limit,space} | inbox + out of storage | disk space limit
      {not enough,insufficient,no free,not sufficient,no more} {disk space,disc space,storage space,space in mailbox}
      {disk space,storage,storage space} {is ,}{exhausted,used up} | mailbox {is ,}temporarily full | maximum for the mailbox | size limit of mailbox
      not enough {storage,space} + {mailbox,user,recipient} | does not have enough {space,room}
      no {space,room} + mailbox | mailbox + out of + space | too much mail data
      too many messages {in,on} + {mailbox,server} | {messages,mails} in + mailbox exceed*
      messages in recipient's mailbox
      {boite,boite aux lettres,bal} + {pleine,saturee,plein} | quota {depasse,atteint} | espace + insuffisant
      {postfach,mailbox,postfachs,konto} {ist ,}{voll,uberfullt} | postfach + {voll,uberschritten,speicher*}
      speicherplatz | quota + {uberschritten,erschopft}
      {postvak,mailbox} {is ,}vol | {buzon,cuenta,casilla} + {lleno,llena} | cuota + {excedid*,superad*}
      {caixa,caixa postal,caixa de correio,conta} + {cheia,lotada} | cota + excedida
      casella + {piena,quota,satura} | spazio + esaurito | {skrzynka,konto} + {pelna,przepelnion*}
      schranka + plna | {posta kutusu,gelen kutusu} + dolu | {θυριδα,γραμματοκιβωτιο} + γεματ* | {postlada,postboks,indbakke,innboks,inkorg} + full* | {casuta,cutia} + plina | kota* + asildi | {ящик,почтовый ящик} + {переполнен,заполнен}
      {недостаточно,нет} {места,свободного места}
      превышен* + {квота,квоты,размер ящика} | {受信箱,メールボックス} + {いっぱい,一杯,満杯,容量}
      {容量を超え,容量オーバー,容量超過} | {邮箱,郵箱,信箱,空间} + {已满,已滿,空间不足,空間不足,满了,超出配额}
      {用户,收件人} + {空间不足,邮箱满} | {메일함,용량} + {가득,초과}
    `),
    unless: ['message size', 'size of your message', 'the same message-id', 'sending quota'],
  },
  {
    name: 'mailbox-closed',
    class: 'mailbox-disabled',
    says: phrases(`
      {mailbox,account,user,recipient,address,email address,user account,email account} {is ,has been ,was ,is currently ,currently ,is temporarily ,temporarily ,temporary ,}{disabled,inactive,deactivated,suspended,dormant,on hold,retired,frozen,locked,closed,terminated,expired,discontinued,deleted,archived,banned}
      {mailbox,account,recipient account} {is ,has been ,is currently ,}blocked
      {mailbox,account,user} {is ,}{not active,not activated,not enabled,no longer active,unused}
      {user,mailbox} {account ,}{is ,}hangup | {account,mailbox} + {discontinued,has been disabled,disabled}
      {disabled,suspended,inactive,deactivated,expired,closed,locked,blocked,dormant,retired} {mailbox,account,user,recipient,email address,address}
      that you tried to reach is {disabled,inactive} | {extended inactivity,due to inactivity,for inactivity}
      user + {temporary,temporarily} locked | user or domain is disabled | recipient suspend the service
      no longer accept{s,ing} {mail,email,messages} | not {currently ,}being accepted for this mailbox
      is not an active {address,account,mailbox} | no longer active | not been activated
      account + {not subscribed,not paid,unpaid} | recipient + is blocked | recipient + temporarily inactive
      compte + {bloque,desactive,suspendu,inactif,ferme,archive} | boite + {archivee,desactivee,fermee,suspendue,bloquee}
      kein aktives postfach | {konto,postfach,mailbox,benutzer} + {gesperrt,deaktiviert,geschlossen,stillgelegt,inaktiv}
      {cuenta,buzon,usuario} + {desactivad*,suspendid*,bloquead*,deshabilitad*,inactiv*}
      {conta,usuario} + {desativad*,suspens*,bloquead*,inativ*} | {casella,account,utente} + {disabilitat*,disattivat*,sospes*,bloccat*}
      {konto,skrzynka} + {zablokowan*,nieaktywn*} | {ящик,аккаунт,пользователь,учетная запись} + {заблокирован*,отключен*,неактив*}
      {アカウント,ユーザー,メールボックス} + {停止,無効,休止} | {用户,帐号,账号,帐户,账户,邮箱} + {禁用,停用,冻结,锁定,注销}
      {휴면,정지된} 계정
    `),
    unless: [
      'sender account',
      'sending account',
      'your account',
      'over quota',
      'for exceeding',
      'sender',
    ],
  },
  {
    name: 'unwanted',
    class: 'unwanted',
    says: phrases(`
      recipient preferences | recipient's preferences | {refused,rejected,blocked} by {the ,}{recipient,recipients,user}
      {recipient,user} {refuse,refuses,reject,rejects,has refused,has rejected,has blocked,does not want} + {mail,message,you,email}
      refuse{s,} to {receive,accept} {your ,this ,}mail | due to user rules | by user rules
      you have been blocked by the recipient | recipient has blocked | message filtered
      recipient's + blocked sender* | is not accepting any mail | only accepting mail from specific
      this account is protected by | {manually,personally} blocked | in my block list
      受信拒否
    `),
    unless: ['rejected by the recipient domain'],
  },
  {
    name: 'mailbox-moved',
    class: 'mailbox-moved',
    says: phrases(`
      mailbox has moved | has moved | user has moved | user moved | address has changed
      changed address | no forwarding address | new address is | address has been changed
      is no longer at
    `),
  },
]
