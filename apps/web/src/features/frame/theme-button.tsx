'use client';
import { Button, Tooltip } from '@patternfly/react-core';
import { MoonIcon, SunIcon } from '@patternfly/react-icons';
import { useEffect, useState } from 'react';
import { useRemembered } from '../../ui/remembered.ts';

const CLASS = 'pf-v6-theme-dark';
const systemIsDark = () => matchMedia('(prefers-color-scheme: dark)').matches;

/** Light or dark: the system's until somebody chooses, then remembered. */
export const ThemeButton = () => {
  const [kept, keep] = useRemembered('theme');
  const [dark, setDark] = useState(false);
  useEffect(() => {
    const isDark = kept === '' ? systemIsDark() : kept === 'dark';
    document.documentElement.classList.toggle(CLASS, isDark);
    setDark(isDark);
  }, [kept]);
  const label = dark ? 'Light theme' : 'Dark theme';
  return (
    <Tooltip content={label}>
      <Button
        variant="plain"
        size="sm"
        aria-label={label}
        icon={dark ? <SunIcon /> : <MoonIcon />}
        onClick={() => keep(dark ? 'light' : 'dark')}
      />
    </Tooltip>
  );
};
