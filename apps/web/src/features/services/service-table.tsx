'use client';
import type { ServiceSummary } from '@portreeve/contract';
import type { ReactNode } from 'react';
import { paths } from '../../lib/paths.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { Endpoints } from '../../ui/endpoints.tsx';
import { ImageName } from '../../ui/image-name.tsx';
import { Link } from '../../ui/link.tsx';
import type { ListState } from '../../ui/list-state.ts';
import { ReadyBar } from '../../ui/ready-bar.tsx';
import { ShortId } from '../../ui/short-id.tsx';
import { Status } from '../../ui/status.tsx';
import { SERVICE_TONE } from '../../ui/tone.ts';
import { When } from '../../ui/when.tsx';
import { stateWords } from './state-words.ts';

const COLUMNS: readonly Column<ServiceSummary>[] = [
  {
    key: 'name',
    title: 'Service',
    sort: 'name',
    cell: (service) => (
      <Link href={paths.service(service.id)}>
        <b>{service.name}</b>
      </Link>
    ),
  },
  {
    key: 'stack',
    title: 'Stack',
    cell: (service) => <Link href={paths.stack(service.stackId)}>{service.stackName}</Link>,
  },
  { key: 'project', title: 'Project', cell: (service) => service.projectPath, hidden: true },
  {
    key: 'state',
    title: 'State',
    sort: 'state',
    cell: (service) => <Status tone={SERVICE_TONE[service.state]}>{stateWords(service)}</Status>,
  },
  {
    key: 'ready',
    title: 'Tasks ready',
    sort: 'ready',
    cell: (service) => <ReadyBar count={service.count} />,
    fit: true,
  },
  {
    key: 'revision',
    wide: true,
    title: 'Revision',
    cell: (service) => <Link href={paths.service(service.id, 'revisions')}>{service.revision}</Link>,
  },
  {
    key: 'image',
    title: 'Image',
    sort: 'image',
    cell: (service) => (
      <Link className="mono" href={paths.services({ image: service.image })} title="Who runs this image">
        <ImageName of={service.image} />
      </Link>
    ),
  },
  {
    key: 'digest',
    title: 'Digest',
    cell: (service) => service.digest && <ShortId id={service.digest} />,
    hidden: true,
  },
  {
    key: 'changed',
    title: 'Last change',
    sort: 'changedAt',
    fit: true,
    cell: (service) => (
      <>
        <When at={service.changedAt} as="ago" /> <span className="dim">by {service.changedBy}</span>
      </>
    ),
  },
  {
    key: 'reach',
    wide: true,
    title: 'Reach',
    cell: (service) => <Endpoints of={service.endpoints} />,
    hidden: true,
  },
  {
    key: 'logs',
    title: 'Logs',
    cell: (service) => (
      <Link href={paths.service(service.id, 'logs')} aria-label={`follow the logs of ${service.name}`}>
        follow
      </Link>
    ),
    fit: true,
  },
];
/** There the room of the stack and its project is free for where each can be reached. */
const IN_STACK = COLUMNS.filter(({ key }) => key !== 'stack' && key !== 'project').map((column) =>
  column.key === 'reach' ? { ...column, hidden: false } : column,
);

type Props = {
  rows: readonly ServiceSummary[];
  inStack?: boolean;
  list?: ListState;
  next?: string | undefined;
  total?: number | undefined;
  empty?: ReactNode;
};

export const ServiceTable = ({ inStack, ...props }: Props) => (
  <DataTable
    label={inStack ? 'Services of the stack' : 'Services'}
    columns={inStack ? IN_STACK : COLUMNS}
    rowKey={(service) => service.id}
    rowTo={(service) => paths.service(service.id)}
    note={(service) => service.why}
    {...props}
  />
);
