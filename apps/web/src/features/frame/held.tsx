'use client';
import { Alert } from '@patternfly/react-core';
import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';
import { readConnection } from '../../live/connection.ts';
import { useConnection } from '../../live/live-provider.tsx';

const plainClick = (event: MouseEvent): boolean =>
  event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** The place in the console that a click leads to; undefined for anything else. */
const placeOf = (event: MouseEvent): string | undefined => {
  const link = event.target instanceof Element ? event.target.closest('a[href^="/"]:not([target])') : null;
  return plainClick(event) ? (link?.getAttribute('href') ?? undefined) : undefined;
};

/**
 * While the console does not answer, following a link would end at the browser's own error page, with everything that
 * is known gone. So the page stays and says why; a link is followed as soon as somebody answers again.
 */
export const Held = () => {
  const router = useRouter();
  const away = useConnection().state === 'reconnecting';
  const [held, setHeld] = useState(false);
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      if (readConnection().state !== 'reconnecting') return;
      const place = placeOf(event);
      if (place === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      fetch('/healthz').then(
        (answer) => (answer.ok ? router.push(place) : setHeld(true)),
        () => setHeld(true),
      );
    };
    document.addEventListener('click', onClick, true);
    return () => document.removeEventListener('click', onClick, true);
  }, [router]);
  useEffect(() => {
    if (!away) setHeld(false);
  }, [away]);
  if (!held || !away) return null;
  return (
    <Alert
      variant="warning"
      isInline
      title="The console does not answer, so this page stays as it is."
      role="alert"
    >
      What runs goes on without it. Links work again as soon as it answers.
    </Alert>
  );
};
