'use client';
import { Fragment, useState } from 'react';
import { endpointLink } from './endpoint-link.ts';

const FEW = 2;

const Endpoint = ({ of }: { of: string }) => {
  const href = endpointLink(of);
  if (href === undefined) return of;
  return (
    <a href={href} target="_blank" rel="noreferrer" style={{ whiteSpace: 'nowrap' }}>
      {of}
    </a>
  );
};

/** Where an application can be reached: each opens in a tab of its own, and many are shown when asked for. */
export const Endpoints = ({ of }: { of: readonly string[] }) => {
  const [all, setAll] = useState(false);
  const shown = all || of.length <= FEW + 1 ? of : of.slice(0, FEW);
  const rest = of.length - shown.length;
  return (
    <>
      {shown.map((endpoint, index) => (
        <Fragment key={endpoint}>
          {index > 0 && ', '}
          <Endpoint of={endpoint} />
        </Fragment>
      ))}
      {rest > 0 && (
        <>
          {' '}
          <button type="button" className="quiet" onClick={() => setAll(true)}>
            and {rest} more
          </button>
        </>
      )}
    </>
  );
};
