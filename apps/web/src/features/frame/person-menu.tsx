'use client';
import { Divider, Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import { UserIcon } from '@patternfly/react-icons';
import { routes } from '@portreeve/contract';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { call } from '../../lib/call.ts';
import { paths } from '../../lib/paths.ts';
import { pageSecret } from '../../lib/session.ts';
import { useMe } from '../session/signed-in.tsx';
import styles from './frame.module.css';

export const PersonMenu = () => {
  const [open, setOpen] = useState(false);
  const me = useMe();
  const router = useRouter();
  // The page forgets its half even when the server is away: nobody who walks off stays signed in.
  const signOut = () => call(routes.session.signOut, {}).finally(pageSecret.forget);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plainText"
          icon={<UserIcon className={styles.sign} />}
          isExpanded={open}
          onClick={() => setOpen(!open)}
        >
          <span className={styles.person}>{me.displayName || me.name}</span>
        </MenuToggle>
      )}
    >
      <DropdownList>
        <DropdownItem onClick={() => router.push(paths.account())}>My account</DropdownItem>
        <DropdownItem to={paths.apiDocs()} target="_blank" rel="noreferrer">
          API documentation
        </DropdownItem>
        <Divider component="li" />
        <DropdownItem onClick={() => void signOut().catch(() => undefined)}>Sign out</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
};
