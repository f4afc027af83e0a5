'use client';
import { Alert, Button } from '@patternfly/react-core';
import { PageHead } from '../../ui/page-head.tsx';

type Props = { error: Error & { digest?: string }; reset: () => void };

/** A page that could not be drawn: the frame around it still works, and what runs is not touched. */
export const BrokenPage = ({ error, reset }: Props) => (
  <>
    <PageHead title="This page could not be shown" />
    <Alert
      variant="danger"
      isInline
      role="alert"
      title={error.message || 'An unknown fault of the console.'}
      actionLinks={
        <Button variant="link" isInline onClick={reset}>
          Try again
        </Button>
      }
    >
      That is a fault of the console; what runs goes on. Other pages work.
    </Alert>
  </>
);
