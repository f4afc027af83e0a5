'use client';

const nameIn = (disposition: string | null): string | undefined =>
  disposition?.match(/filename="([^"]+)"/)?.[1];

/** Hands a file that was answered to the browser, which asks or knows where to keep it. */
export const saveFile = async (response: Response, fallback: string): Promise<void> => {
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = nameIn(response.headers.get('content-disposition')) ?? fallback;
  link.click();
  URL.revokeObjectURL(url);
};
