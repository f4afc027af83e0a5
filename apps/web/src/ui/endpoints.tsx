import { Fragment } from 'react';

/** Where an application can be reached; only addresses of the web become links. */
export const Endpoints = ({ of }: { of: readonly string[] }) => (
  <>
    {of.map((endpoint, index) => (
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
  </>
);
