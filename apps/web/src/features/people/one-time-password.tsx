import { ShownOnce } from '../access/shown-once.tsx';
import type { Made } from './new-person.tsx';

/** Nothing of it is kept in readable form. */
export const OneTimePassword = ({ of, onClose }: { of: Made | null; onClose: () => void }) =>
  of && (
    <ShownOnce
      title={`The one-time password of ${of.name}, shown once`}
      label="One-time password"
      secret={of.password}
      onClose={onClose}
    >
      Hand it over in person or by a safe way. It signs in once; a password of their own is asked for before
      anything else opens.
    </ShownOnce>
  );
