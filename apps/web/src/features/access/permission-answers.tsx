'use client';
import type { PermissionAnswer } from '@portreeve/contract';
import { Fragment, useState } from 'react';
import { RangeChips } from '../../ui/range-chips.tsx';
import { Status } from '../../ui/status.tsx';
import styles from './access.module.css';
import { inGroups } from './permission-groups.ts';

const KINDS = [
  { value: 'all', text: 'All' },
  { value: 'yes', text: 'Allowed' },
  { value: 'no', text: 'Not allowed' },
];

const Line = ({ answer }: { answer: PermissionAnswer }) => (
  <li className={styles.line}>
    <Status tone={answer.allowed ? 'ok' : 'off'} wrap>
      {answer.text} <span className="mono dim">{answer.permission}</span>
    </Status>
    <span className="dim">{answer.sentence}</span>
  </li>
);

/** Every permission with its answer and the reason of it. */
export const PermissionAnswerList = ({ answers }: { answers: readonly PermissionAnswer[] }) => {
  const [kind, setKind] = useState('all');
  const shown = answers.filter(({ allowed }) => kind === 'all' || allowed === (kind === 'yes'));
  const yes = answers.filter(({ allowed }) => allowed).length;
  return (
    <>
      <div className={styles.bar}>
        <RangeChips label="Show" options={KINDS} value={kind} onChange={setKind} />
        <span className="dim">
          {yes} of {answers.length} allowed
        </span>
      </div>
      {shown.length === 0 && <p className="dim">None.</p>}
      {inGroups(shown, ({ permission }) => permission).map(({ title, items }) => (
        <Fragment key={title}>
          <h3 className={styles.group}>{title}</h3>
          <ul className={styles.list}>
            {items.map((answer) => (
              <Line key={answer.permission} answer={answer} />
            ))}
          </ul>
        </Fragment>
      ))}
    </>
  );
};
