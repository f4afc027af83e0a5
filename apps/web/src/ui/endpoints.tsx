'use client';
import { Fragment, useState } from 'react';

const FEW = 3;

/** Where an application can be reached; only addresses of the web become links, and many are shown when asked for. */
export const Endpoints = ({ of }: { of: readonly string[] }) => {
  const [all, setAll] = useState(false);
  const shown = all || of.length <= FEW + 1 ? of : of.slice(0, FEW);
  const rest = of.length - shown.length;
  return (
    <>
      {shown.map((endpoint, index) => (
        <Fragment key={endpoint}>
          {index > 0 && ', '}
          {/^https?:\/\//.test(endpoint) ? (
            <a href={endpoint} target="_blank" rel="noreferrer">
              {endpoint}
            </a>
          ) : (
            endpoint
          )}
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
